"""Errors that a user can fix: the finding, its place, the expected value and a command."""

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

if TYPE_CHECKING:  # every run of pytest imports this file, and few of them need pydantic
    from pydantic import BaseModel, ValidationError

Place = tuple[str | int, ...]
"""The keys and indices that lead to a value in a document."""

# What is expected in place of a value of another type, by pydantic's name of the error.
_IN_WORDS = {
    "string_type": "text",
    "string_unicode": "text, without half a surrogate pair",
    "list_type": "a list",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
}


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


def problem_in(message: str, where: str = "") -> Problem:
    """The problem in a message that says itself what is expected."""
    what, expected = split_expected(message)
    return Problem(what, where, expected)


def described(error: BaseException) -> str:
    """The type and message of an exception of another author, its type alone without a message."""
    try:
        message = str(error)
    except Exception:  # its own __str__ may fail
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def problems_of(
    error: "ValidationError",
    where: str | Callable[[Place], str],
    *,
    document: Any = None,
    fix: str = "",
) -> list[Problem]:
    """Convert each of pydantic's errors to a problem.

    `where` is the file or option, or a function from a place to it. An unknown key is compared with
    the keys of its place in `document`, the annotation of what was validated; a missing key that
    it stands for is not a second problem. Union tags, written as `<tag>`, are left out of places.
    """
    problems = {}
    for detail in error.errors():
        place = tuple(part for part in detail["loc"] if not _is_tag(part))
        what, expected = _message(detail, place, document)
        location = where if isinstance(where, str) else where(place)
        problems[detail["type"], detail["loc"]] = Problem(what, location, expected, fix)
    for (kind, place), problem in tuple(problems.items()):
        if kind == "extra_forbidden":
            problems.pop(("missing", (*place[:-1], problem.expected)), None)
    return list(problems.values())


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def _message(detail: Mapping[str, Any], place: Place, document: Any) -> tuple[str, str]:
    """The finding and the expected value, "" where pydantic's message says both."""
    name = ".".join(map(str, place))
    inside = ".".join(map(str, place[:-1]))
    inside = f"{inside}: " if inside else ""
    if detail["type"] == "missing":
        return f"{inside}key {place[-1]!r} is missing", f"{place[-1]}: ..."
    if detail["type"] == "extra_forbidden":
        return f"{inside}unknown key {place[-1]!r}", _nearest_key(place, document)
    if detail["type"] == "invalid_key":
        return f"{inside}key {place[-1]!r} is not a string", f"'{place[-1]}' in quotes"
    message = detail["msg"].removeprefix("Value error, ")
    _, should, expected = message.partition(" should ")
    if not should or detail["type"] == "value_error":
        return split_expected(f"{name}: {message}" if name else message)
    if place[-1:] == ("[key]",):
        inside = ".".join(map(str, place[:-2]))
        found = f"{inside + ': ' if inside else ''}key {_shown(detail['input'])}"
    else:
        found = f"{name or 'the document'} is {_shown(detail['input'])}"
    return found, _expected(detail, expected, place, document)


def _shown(value: Any) -> str:
    """A value as documents have it: `null` and `true`, not `None` and `True`."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, date) else reprlib.repr(value)


def _expected(detail: Mapping[str, Any], expected: str, place: Place, document: Any) -> str:
    """Say what should be there, in words of a document where pydantic's are of Python."""
    kind, value = detail["type"], detail["input"]
    if kind in ("model_type", "dict_type"):
        keys = ", ".join(_keys((*place, ""), document)) if kind == "model_type" else ""
        return f"a mapping with the keys {keys}" if keys else "a mapping"
    if kind == "string_type" and isinstance(value, bool | int | float | date):
        return f"text: '{_shown(value)}' in quotes"
    if kind in ("too_short", "too_long"):
        return f"to {expected.partition(' after ')[0]}"
    return _IN_WORDS.get(kind) or (
        expected.removeprefix("be ") if expected.startswith("be ") else f"to {expected}"
    )


def split_expected(message: str) -> tuple[str, str]:
    """The finding of a message, and what it expects after `; expected: `, "" if it does not say."""
    what, _, expected = message.partition("; expected: ")
    return what, expected


def _nearest_key(place: Place, document: Any) -> str:
    """The key of the same place that is most like an unknown one, else all its keys."""
    from difflib import get_close_matches  # noqa: PLC0415  only where there is such an error

    keys = _keys(place, document)
    close = get_close_matches(str(place[-1]), keys, n=1)
    return close[0] if close else ", ".join(keys)


def _keys(place: Place, document: Any) -> list[str]:
    """The keys that a document may have beside a place."""
    within = [document]
    for part in place[:-1]:
        within = [inner for form in within for inner in _inside(form, part)]
    return [key for form in within for model in _models(form) for key in _fields(model)]


def _models(annotation: Any) -> "Iterator[type[BaseModel]]":
    """The models that a value of an annotation may be."""
    if hasattr(annotation, "model_fields"):
        yield annotation
    elif get_origin(annotation) in (Annotated, Union, UnionType):
        for form in get_args(annotation):
            yield from _models(form)


def _fields(model: "type[BaseModel]") -> Mapping[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _inside(annotation: Any, part: str | int) -> Iterator[Any]:
    """The annotations of a field, of an item, or of a value of a mapping."""
    if hasattr(annotation, "model_fields"):
        fields = _fields(annotation)
        if part in fields:
            yield fields[str(part)]
    elif get_origin(annotation) in (Annotated, Union, UnionType):
        for form in get_args(annotation):
            yield from _inside(form, part)
    else:
        yield from get_args(annotation)[-1:]
