"""Inputs that are stated beside a result, held against those that are here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from flagbench.errors import InputError, Problem
from flagbench.report import inputs, subject_code
from flagbench.report.inputs import UNKNOWN

# The minor versions of Python for which `make same-bytes` shows the same bytes.
PYTHONS = ("3.11", "3.12", "3.13")
_SHORT = 12


class Despite:
    """Names of inputs that may differ, and those of all inputs that were compared."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = frozenset(names)
        self._compared = set[str]()

    def has(self, *names: str) -> bool:
        """True if an input may differ; it may be named in several ways."""
        self._compared.update(names)
        return not self._names.isdisjoint(names)

    def check(self) -> None:
        """Raise `InputError` if a name is that of no input that was compared."""
        problems = list[Problem]()
        for name in sorted(self._names - self._compared):
            close = get_close_matches(name, self._compared, n=1)
            fix = f"--despite {close[0]}" if close else "leave it out"
            expected = "the name of an input that is stated, such as a file, a package or Python"
            problems.append(Problem(f"no input {name!r}", "--despite", expected, fix))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True, slots=True)
class Stated:
    """Stated inputs by name: digests of `files` and of `code`, and `versions` of packages."""

    files: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def differences(
        self,
        root: Path,
        here: Mapping[str, str],
        despite: Despite,
        *,
        code_folders: Sequence[Path] = (),
    ) -> dict[str, tuple[str, str]]:
        """The inputs that differ from those of a project and of this environment.

        `here` are the versions of this environment. Code is looked for in `code_folders`, then
        where it is imported from. Python differs if it is of a minor version that
        is not known to give the same bytes.
        """
        first = tuple(code_folders)
        found = {
            **{name: (value, inputs.digest_of(root / name)) for name, value in self.files.items()},
            **{
                f"code of {name}": (value, subject_code.digest(name, first) or UNKNOWN)
                for name, value in self.code.items()
            },
            **{name: (value, here.get(name, UNKNOWN)) for name, value in self.versions.items()},
        }
        return {
            name: (_short(stated), _short(now))
            for name, (stated, now) in found.items()
            if not despite.has(name) and not _is_same(name, stated, now)
        }


def _is_same(name: str, stated: str, now: str) -> bool:
    if name == "Python":
        return all(version.rpartition(".")[0] in PYTHONS for version in (stated, now))
    return stated == now != UNKNOWN


def _short(text: str) -> str:
    return text if len(text) < 40 else text[:_SHORT]
