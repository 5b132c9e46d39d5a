"""Errors that a user can fix: what was found, where, what was expected, and a command."""

import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # every run of pytest imports this file, and few of them need pydantic
    from pydantic import BaseModel, ValidationError

Place = tuple[str | int, ...]
"""Where a value stands in a document: the keys and indices that lead to it."""


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


def problems_of(
    error: "ValidationError",
    where: str | Callable[[Place], str],
    *,
    models: Sequence["type[BaseModel]"] = (),
    fix: str = "",
) -> list[Problem]:
    """Problems in the words of this project, one for each of pydantic's errors.

    `where` is the file or option, or a function that gives it for a place. An unknown key is
    compared with the keys of `models`, the outermost model first. Tags of unions that are written
    as `<tag>` are no part of a place.
    """
    problems = []
    for detail in error.errors():
        place = tuple(part for part in detail["loc"] if not _is_tag(part))
        what, expected = _in_words(detail, place, models)
        there = where if isinstance(where, str) else where(place)
        problems.append(Problem(what, there, expected, fix))
    return problems


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def _in_words(
    detail: Mapping[str, Any], place: Place, models: Sequence["type[BaseModel]"]
) -> tuple[str, str]:
    """What was found and what was expected, "" where pydantic's message says both."""
    name = ".".join(map(str, place))
    inside = ".".join(map(str, place[:-1]))
    inside = f"{inside}: " if inside else ""
    if detail["type"] == "missing":
        return f"{inside}key {place[-1]!r} is missing", f"{place[-1]}: ..."
    if detail["type"] == "extra_forbidden":
        return f"{inside}unknown key {place[-1]!r}", _known_key(place, models)
    if detail["type"] == "invalid_key":
        return f"{inside}key {place[-1]!r} is not text", f"'{place[-1]}' in quotes"
    message = detail["msg"].removeprefix("Value error, ")
    _, should, expected = message.partition(" should ")
    if not should or detail["type"] == "value_error":
        return f"{name}: {message}" if name else message, ""
    found = f"{name or 'the document'} is {reprlib.repr(detail['input'])}"
    return found, expected.removeprefix("be ") if expected.startswith("be ") else f"to {expected}"


def _known_key(place: Place, models: Sequence["type[BaseModel]"]) -> str:
    """The key that an unknown one resembles; at the top of a document, else all keys there."""
    from difflib import get_close_matches  # noqa: PLC0415  only where there is such an error

    keys = [[field.alias or name for name, field in model.model_fields.items()] for model in models]
    close = get_close_matches(str(place[-1]), [key for each in keys for key in each], n=1)
    if close:
        return close[0]
    return ", ".join(keys[0]) if keys and len(place) == 1 else ""
