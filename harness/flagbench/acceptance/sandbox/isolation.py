"""The walls by name, and which of them stand."""

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NAMESPACES = ("user", "mount", "network", "pid", "ipc", "uts")
_NAMES = {"landlock": "Landlock", "seccomp": "seccomp", "limits": "limits"}
WALLS = (*NAMESPACES, *_NAMES)
LINUX_WALLS = (*NAMESPACES, "landlock", "seccomp")
ALL = frozenset(WALLS)


@dataclass(frozen=True, slots=True)
class Isolation:
    """The tier obtained: `standing` walls by name, and the `missing` ones with the reason."""

    standing: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        """Whether every wall stands."""
        return not self.missing

    @property
    def words(self) -> str:
        """The walls that stand, for a report: "user, mount namespaces, Landlock, limits"."""
        spaces = [wall for wall in self.standing if wall in NAMESPACES]
        plural = "s" if len(spaces) > 1 else ""
        named = [f"{', '.join(spaces)} namespace{plural}"] if spaces else []
        named += [_NAMES[wall] for wall in self.standing if wall in _NAMES]
        return ", ".join(named) or "none"


def isolation_of(standing: Iterable[str], reasons: Mapping[str, str]) -> Isolation:
    """The isolation of these walls; `reasons` tells of each other one why it is missing."""
    walls = frozenset(standing)
    return Isolation(
        standing=tuple(wall for wall in WALLS if wall in walls),
        missing=tuple(
            f"{wall_words(wall)} ({reasons.get(wall, 'not tried')})"
            for wall in WALLS
            if wall not in walls
        ),
    )


def reason(error: OSError) -> str:
    """Why a wall cannot be raised, for a person."""
    if error.errno == errno.ENOSPC:
        return "the system allows no more of them"  # namespaces(7), /proc/sys/user
    return (error.strerror or str(error)).lower()


def wall_words(wall: str) -> str:
    """A wall as a person reads it."""
    return _NAMES.get(wall, f"{wall} namespace")
