"""Errors a user can mend: what was wrong, where, what would be right, which command helps."""

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
    """One thing that is wrong, told so that the reader can mend it."""

    what: str
    where: str = ""
    right: str = ""
    mend: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        right = f"\n    right would be: {self.right}" if self.right else ""
        mend = f"\n    to mend it: {self.mend}" if self.mend else ""
        return head + right + mend


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
