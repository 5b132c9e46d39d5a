"""Isolation tiers: the walls of a sandbox by name, and those that stand."""

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
    """An isolation tier: `standing` walls by name, and the `missing` ones with the reason."""

    standing: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        """True if every wall stands."""
        return not self.missing

    @property
    def words(self) -> str:
        """The standing walls, for a report: "user, mount namespaces, Landlock, limits"."""
        spaces = [wall for wall in self.standing if wall in NAMESPACES]
        plural = "s" if len(spaces) > 1 else ""
        named = [f"{', '.join(spaces)} namespace{plural}"] if spaces else []
        named += [_NAMES[wall] for wall in self.standing if wall in _NAMES]
        return ", ".join(named) or "none"


def isolation_of(standing: Iterable[str], reasons: Mapping[str, str]) -> Isolation:
    """The tier of these walls; `reasons` maps a missing wall to the reason."""
    walls = frozenset(standing)
    return Isolation(
        standing=tuple(wall for wall in WALLS if wall in walls),
        missing=tuple(
            f"{display_name(wall)} ({reasons.get(wall, 'not tried')})"
            for wall in WALLS
            if wall not in walls
        ),
    )


def reason(error: OSError) -> str:
    """The reason for which a wall cannot be raised, in words."""
    if error.errno == errno.ENOSPC:
        return "the system allows no more of them"  # namespaces(7), /proc/sys/user
    return (error.strerror or str(error)).lower()


def display_name(wall: str) -> str:
    """The name of a wall in a report: "pid namespace", "Landlock"."""
    return _NAMES.get(wall, f"{wall} namespace")
