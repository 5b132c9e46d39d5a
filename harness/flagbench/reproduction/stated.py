"""Inputs that are stated beside a result, held against those that are here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flagbench.report import inputs, subject_code
from flagbench.report.inputs import UNKNOWN

# The minor versions of Python for which `make same-bytes` shows the same bytes.
PYTHONS = ("3.11", "3.12", "3.13")
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Stated:
    """Stated inputs by name: digests of `files` and of `code`, and `versions` of packages.

    `despite` are the names of inputs that may differ.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def differences(
        self,
        root: Path,
        here: Mapping[str, str],
        despite: Collection[str] = (),
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
            if name not in despite and not _is_same(name, stated, now)
        }


def _is_same(name: str, stated: str, now: str) -> bool:
    if name == "Python":
        return all(version.rpartition(".")[0] in PYTHONS for version in (stated, now))
    return stated == now != UNKNOWN


def _short(text: str) -> str:
    return text if len(text) < 40 else text[:_SHORT]
