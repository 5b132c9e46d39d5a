"""What pydantic found wrong, told in the words of an ERD."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flagbench_generators.django_rest.erd.entity import KINDS
from flagbench_generators.django_rest.erd.problem import Place, Problem, nearest, quoted
from flagbench_generators.django_rest.erd.types import type_of
from flagbench_generators.django_rest.erd.values import TYPES

_RIGHT: Mapping[str, str] = {
    "name": '"name": "…"',
    "type": '"type": "string"',
    "kind": '"kind": "foreign_key"',
    "to": '"to": "…", the name of an entity',
    "entities": '"entities": […]',
}
_KIND_WORDS = {
    "fk": "foreign_key", "many_to_one": "foreign_key", "one_to_many": "foreign_key",
    "m2m": "many_to_many", "o2o": "one_to_one",
}  # fmt: skip

_NOUNS = {"type": "type of a field", "kind": "kind of a relation"}
_BOUNDS = {
    "less_than_equal": ("{value} is too big", "at most {le}"),
    "greater_than_equal": ("{value} is too small", "at least {ge}"),
    "too_short": ("the list is empty", "at least one in it"),
    "too_long": ("{actual_length} are too many", "at most {max_length}"),
}
_SHAPES = {
    "string_type": ("no text", 'a text in "…"'),
    "int_type": ("no whole number", "e.g. 20"),
    "int_from_float": ("no whole number", "e.g. 20"),
    "bool_type": ("neither true nor false", "true or false, without quotes"),
    "tuple_type": ("no list", "a list in […]"),
    "list_type": ("no list", "a list in […]"),
    "model_type": ("no object", "an object in {…}"),
}


def problems_from(
    error: ValidationError, model: type[BaseModel], place: Place
) -> Iterator[Problem]:
    """Each error of a value that stands at a place."""
    for one in error.errors():
        where = (*place, *one["loc"])
        if inner := _carried(one):
            yield from (replace(each, place=(*where, *each.place)) for each in inner)
        elif one["type"] == "missing":
            key = str(one["loc"][-1])
            yield Problem(where[:-1], f"{quoted(key)} is missing", _RIGHT.get(key, ""))
        else:
            yield Problem(where, *_words(one, model))


def carried(error: ValidationError) -> Iterator[Problem]:
    """The problems that validators of the whole value named; their places are relative to it."""
    for one in error.errors():
        if not one["loc"]:
            yield from _carried(one)


def _carried(error: ErrorDetails) -> tuple[Problem, ...]:
    problems: tuple[Problem, ...] = error.get("ctx", {}).get("problems", ())
    return problems


def _words(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    value, bounds, kind = error["input"], error.get("ctx", {}), error["type"]
    key = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return f"there is no key {quoted(key)} here", nearest(key, tuple(model.model_fields))
    if kind == "literal_error":
        return f"{quoted(value)} is no {_NOUNS.get(key, key)}", _meant(value, key)
    if kind in _BOUNDS:
        what, right = _BOUNDS[kind]
        return what.format(value=quoted(value), **bounds), right.format(**bounds)
    if kind in _SHAPES:
        what, right = _SHAPES[kind]
        return f"{_kind(value)} is {what}", right
    return f"{quoted(value)}: {error['msg']}", ""


def _meant(value: Any, key: str) -> str:
    if not isinstance(value, str):
        value = ""
    if key == "type":
        return quoted(known) if (known := type_of(value)) else nearest(value, TYPES)
    if key == "kind":
        word = _KIND_WORDS.get("_".join(value.lower().replace("-", " ").split()))
        return quoted(word) if word else nearest(value, KINDS)
    return nearest(value, ("cascade", "protect", "set_null"))


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else quoted(value)
