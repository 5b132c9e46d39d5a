"""Errors that a user can fix: the finding, its place, the expected value and a command."""

import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # every run of pytest imports this file, and few of them need pydantic
    from pydantic import BaseModel, ValidationError

Place = tuple[str | int, ...]
"""The keys and indices that lead to a value in a document."""


class ExitCode(IntEnum):
    """Exit codes of the `flagbench` command."""

    KEPT = 0
    BROKEN = 1
    WRONG_INPUT = 2
    COULD_NOT_RUN = 3
    PROVISIONAL = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: what was found and where, what was expected, and a command that fixes it."""

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
    """An expected error; `problems` holds all problems, not only the first."""

    exit_code = ExitCode.WRONG_INPUT

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(FlagbenchError):
    """An invalid file or argument."""


class CouldNotRun(FlagbenchError):  # noqa: N818  the verdict's own name
    """The measurement did not take place; this never counts as a bad measurement."""

    exit_code = ExitCode.COULD_NOT_RUN


class NotRecorded(CouldNotRun):
    """A request of the subject that no recording answers."""


class CellStopped(BaseException):
    """Carries a `CouldNotRun` out of a running subject.

    A subject under test catches `Exception` around its calls and retries; a request that is not
    recorded must end the cell all the same, so this derives from `BaseException`.
    """

    def __init__(self, reason: CouldNotRun) -> None:
        self.reason = reason
        super().__init__(str(reason))


def problems_of(
    error: "ValidationError",
    where: str | Callable[[Place], str],
    *,
    models: Sequence["type[BaseModel]"] = (),
    fix: str = "",
) -> list[Problem]:
    """Convert each of pydantic's errors to a problem.

    `where` is the file or option, or a function from a place to it. An unknown key is compared with
    the keys of `models`, the outermost model first. Union tags, written as `<tag>`, are left out of
    places.
    """
    problems = []
    for detail in error.errors():
        place = tuple(part for part in detail["loc"] if not _is_tag(part))
        what, expected = _message(detail, place, models)
        location = where if isinstance(where, str) else where(place)
        problems.append(Problem(what, location, expected, fix))
    return problems


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def _message(
    detail: Mapping[str, Any], place: Place, models: Sequence["type[BaseModel]"]
) -> tuple[str, str]:
    """The finding and the expected value, "" where pydantic's message says both."""
    name = ".".join(map(str, place))
    inside = ".".join(map(str, place[:-1]))
    inside = f"{inside}: " if inside else ""
    if detail["type"] == "missing":
        return f"{inside}key {place[-1]!r} is missing", f"{place[-1]}: ..."
    if detail["type"] == "extra_forbidden":
        return f"{inside}unknown key {place[-1]!r}", _nearest_key(place, models)
    if detail["type"] == "invalid_key":
        return f"{inside}key {place[-1]!r} is not a string", f"'{place[-1]}' in quotes"
    message = detail["msg"].removeprefix("Value error, ")
    _, should, expected = message.partition(" should ")
    if not should or detail["type"] == "value_error":
        return f"{name}: {message}" if name else message, ""
    found = f"{name or 'the document'} is {reprlib.repr(detail['input'])}"
    return found, expected.removeprefix("be ") if expected.startswith("be ") else f"to {expected}"


def _nearest_key(place: Place, models: Sequence["type[BaseModel]"]) -> str:
    """The known key most like an unknown one, else all keys if it is at the top of the document."""
    from difflib import get_close_matches  # noqa: PLC0415  only where there is such an error

    keys = [[field.alias or name for name, field in model.model_fields.items()] for model in models]
    close = get_close_matches(str(place[-1]), [key for level in keys for key in level], n=1)
    if close:
        return close[0]
    return ", ".join(keys[0]) if keys and len(place) == 1 else ""
