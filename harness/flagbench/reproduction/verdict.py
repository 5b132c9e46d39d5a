"""Outcome of a reproduction: identical, of the same kind, different, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from flagbench.errors import ExitCode


class Verdict(Enum):
    """The answer for a table, a report or a bundle that was made again."""

    IDENTICAL = "identical bytes"
    SAME_FIGURES = "the published figures"
    SAME_KIND = "measured here"
    DIFFERS = "differs"
    REFUSED = "refused"


_EXIT_CODES = {
    Verdict.IDENTICAL: ExitCode.KEPT,
    Verdict.SAME_FIGURES: ExitCode.KEPT,
    Verdict.SAME_KIND: ExitCode.KEPT,
    Verdict.DIFFERS: ExitCode.BROKEN,
    Verdict.REFUSED: ExitCode.WRONG_INPUT,
}


@dataclass(frozen=True, slots=True)
class Reproduced:
    """A reproduction: what it is of, its verdict, and the lines that explain it."""

    name: str
    verdict: Verdict
    lines: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """0 for identical bytes and for figures of a machine, 1 where it differs, 2 if refused."""
        return _EXIT_CODES[self.verdict]

    def __str__(self) -> str:
        return "\n    ".join((f"{self.name}: {self.verdict.value}", *self.lines))


def refused(name: str, differences: Mapping[str, tuple[str, str]]) -> Reproduced:
    """Refuse for inputs that differ: name -> (stated, found here)."""
    lines = [
        f"input {key} differs: stated {stated}, here {here}"
        for key, (stated, here) in differences.items()
    ]
    lines.append("fix: restore the inputs, or compare in spite of one: --despite NAME")
    return Reproduced(name, Verdict.REFUSED, tuple(lines))
