"""JSON as text: its values, and what Python's reader would swallow."""

import json
from collections.abc import Iterator
from typing import Any

from flagbench_generators.django_rest.erd.problem import ErdErrors, Place, Problem, quoted

# Another notation, such as DBML or Mermaid, is not read: whoever has one is shown what is.
_EXAMPLE = (
    'JSON, such as {"name": "blog", "entities": '
    '[{"name": "Post", "fields": [{"name": "title", "type": "string"}]}]}'
)
_FIX = "flagbench erd --help (an example), flagbench erd --schema (every key)"
_TOO_BIG = 10**30  # beyond every bound of an ERD; Python refuses to read numbers of 4,300 digits


class _Object(dict[str, Any]):
    """A JSON object that knows which of its keys stand twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = dict.fromkeys(one for one in names if names.count(one) > 1)


def parse(text: str) -> tuple[Any, list[Problem]]:
    """The document, and the keys in it that stand twice.

    Raises `ErdErrors` for what is no JSON, with line and column, and for what is no text.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ErdErrors([Problem((), "the text is empty", '{"name": …, "entities": […]}')])
    try:
        document = json.loads(text, object_pairs_hook=_Object, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ErdErrors([_not_json(text, error)]) from error
    except RecursionError as error:
        raise ErdErrors([Problem((), "too many brackets inside each other")]) from error
    if halves := list(_halves(document, ())):
        raise ErdErrors(halves)
    return document, list(_repeated(document, ()))


def _not_json(text: str, error: json.JSONDecodeError) -> Problem:
    """What is wrong at a place; where nothing of the text is JSON, what an ERD looks like."""
    line, column = error.lineno, error.colno
    if text[: error.pos].strip():
        return Problem((), f"not valid JSON: {error.msg}", line=line, column=column)
    what = f"not JSON: the text begins with {quoted(text.split(maxsplit=1)[0])}"
    return Problem((), what, _EXAMPLE, line, column, _FIX)


def _whole(digits: str) -> int:
    if len(digits) <= 30:
        return int(digits)
    return -_TOO_BIG if digits.startswith("-") else _TOO_BIG


def _halves(value: Any, place: Place) -> Iterator[Problem]:
    """Halves of surrogate pairs: JSON can say them, but nothing can write them."""
    if isinstance(value, str) and not _is_whole(value):
        yield Problem(place, "half a character, such as \\ud800", "a whole one")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _halves(name, place)
            yield from _halves(one, (*place, name) if _is_whole(name) else place)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _halves(one, (*place, number))


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _repeated(value: Any, place: Place) -> Iterator[Problem]:
    if isinstance(value, _Object):
        for name in value.repeated:
            yield Problem((*place, name), f"the key {quoted(name)} stands twice", "one of both")
        for name, one in value.items():
            yield from _repeated(one, (*place, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _repeated(one, (*place, number))
