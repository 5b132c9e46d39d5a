"""Parsing of JSON, with duplicate keys and lone surrogates reported."""

import json
from collections.abc import Iterator
from typing import Any

from flagbench_generators.django_rest.erd.problem import ErdErrors
from flagbench_generators.kernel.problem import Place, Problem, quote

# The hint for other notations, such as DBML or Mermaid, which are not supported.
_EXAMPLE = (
    'JSON, such as {"name": "blog", "entities": '
    '[{"name": "Post", "fields": [{"name": "title", "type": "string"}]}]}'
)
_FIX = "flagbench erd --help (an example), flagbench erd --schema (every key)"
_TOO_BIG = 10**30  # beyond every bound of an ERD; Python refuses to read numbers of 4,300 digits


class _Object(dict[str, Any]):
    """A JSON object with a list of its duplicate keys."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.duplicates = dict.fromkeys(name for name in names if names.count(name) > 1)


def parse(text: str) -> tuple[Any, list[Problem]]:
    """Return the document, and a problem for each duplicate key.

    Raises `ErdErrors` for invalid JSON, with line and column, and for lone surrogates.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ErdErrors([Problem((), "the text is empty", '{"name": …, "entities": […]}')])
    try:
        document = json.loads(text, object_pairs_hook=_Object, parse_int=_parse_integer)
    except json.JSONDecodeError as error:
        raise ErdErrors([_not_json(text, error)]) from error
    except RecursionError as error:
        raise ErdErrors([Problem((), "brackets are nested too deep")]) from error
    if problems := list(_lone_surrogates(document, ())):
        raise ErdErrors(problems)
    return document, list(_duplicate_keys(document, ()))


def _not_json(text: str, error: json.JSONDecodeError) -> Problem:
    """Describe an error of the parser; with an example if no part of the text is JSON."""
    line, column = error.lineno, error.colno
    if text[: error.pos].strip():
        return Problem((), f"not valid JSON: {error.msg}", line=line, column=column)
    what = f"not JSON: the text begins with {quote(text.split(maxsplit=1)[0])}"
    return Problem((), what, _EXAMPLE, line, column, _FIX)


def _parse_integer(digits: str) -> int:
    if len(digits) <= 30:
        return int(digits)
    return -_TOO_BIG if digits.startswith("-") else _TOO_BIG


def _lone_surrogates(value: Any, place: Place) -> Iterator[Problem]:
    """Yield halves of surrogate pairs: JSON can escape them, but they cannot be encoded."""
    if isinstance(value, str) and not _is_encodable(value):
        yield Problem(place, "half a surrogate pair, such as \\ud800", "a whole character")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lone_surrogates(name, place)
            yield from _lone_surrogates(inner, (*place, name) if _is_encodable(name) else place)
    elif isinstance(value, list):
        for number, element in enumerate(value):
            yield from _lone_surrogates(element, (*place, number))


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _duplicate_keys(value: Any, place: Place) -> Iterator[Problem]:
    if isinstance(value, _Object):
        for name in value.duplicates:
            yield Problem((*place, name), f"duplicate key {quote(name)}", "only one of them")
        for name, inner in value.items():
            yield from _duplicate_keys(inner, (*place, name))
    elif isinstance(value, list):
        for number, element in enumerate(value):
            yield from _duplicate_keys(element, (*place, number))
