"""Errors that a user can fix: what was found, where, what was expected, and a command."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """How the `flagbench` command ends."""

    KEPT = 0
    BROKEN = 1
    WRONG_INPUT = 2
    COULD_NOT_RUN = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what was found, where, what was expected, a command as the fix."""

    what: str
    where: str = ""
    expected: str = ""
    fix: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        expected = f"\n    expected: {self.expected}" if self.expected else ""
        fix = f"\n    fix: {self.fix}" if self.fix else ""
        return head + expected + fix


class FlagbenchError(Exception):
    """An expected error; `problems` holds everything found, not only the first."""

    exit_code = ExitCode.WRONG_INPUT

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(FlagbenchError):
    """A file or an argument that the user gave is wrong."""


class CouldNotRun(FlagbenchError):  # noqa: N818  the verdict's own name
    """The measurement did not take place; this never counts as a bad measurement."""

    exit_code = ExitCode.COULD_NOT_RUN


class NotRecorded(CouldNotRun):
    """No recording has the answer to what the subject asks."""


class CellStopped(BaseException):
    """Carries a `CouldNotRun` out of a running subject.

    A subject under test catches `Exception` around its calls and retries; a request that is not
    recorded must end the cell all the same, so this derives from `BaseException`.
    """

    def __init__(self, reason: CouldNotRun) -> None:
        self.reason = reason
        super().__init__(str(reason))
