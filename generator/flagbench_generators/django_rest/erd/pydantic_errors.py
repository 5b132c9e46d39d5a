"""Conversion of pydantic's errors to problems of an ERD."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flagbench_generators.django_rest.erd.entity import KINDS
from flagbench_generators.django_rest.erd.types import type_of
from flagbench_generators.django_rest.erd.values import TYPES
from flagbench_generators.kernel.problem import Place, Problem, nearest, quote

_EXPECTED: Mapping[str, str] = {
    "name": '"name": "…"',
    "type": '"type": "string"',
    "kind": '"kind": "foreign_key"',
    "to": '"to": "…", the name of an entity',
    "entities": '"entities": […]',
}
_KIND_SYNONYMS = {
    "fk": "foreign_key", "many_to_one": "foreign_key", "one_to_many": "foreign_key",
    "m2m": "many_to_many", "o2o": "one_to_one",
}  # fmt: skip

_NOUNS = {"type": "type of a field", "kind": "kind of a relation"}
_BOUNDS = {
    "less_than_equal": ("{value} is too large", "at most {le}"),
    "greater_than_equal": ("{value} is too small", "at least {ge}"),
    "too_short": ("the list is empty", "at least one element"),
    "too_long": ("{actual_length} elements are too many", "at most {max_length}"),
}
_SHAPES = {
    "string_type": ("not a string", 'a string in "…"'),
    "int_type": ("not a whole number", "e.g. 20"),
    "int_from_float": ("not a whole number", "e.g. 20"),
    "bool_type": ("neither true nor false", "true or false, without quotes"),
    "tuple_type": ("not a list", "a list in […]"),
    "list_type": ("not a list", "a list in […]"),
    "model_type": ("not an object", "an object in {…}"),
}


def problems_from(
    error: ValidationError, model: type[BaseModel], place: Place
) -> Iterator[Problem]:
    """Yield a problem for each error of the value at a place."""
    for detail in error.errors():
        where = (*place, *detail["loc"])
        if problems := _problems_in(detail):
            for problem in problems:
                yield replace(problem, place=(*where, *problem.place))
        elif detail["type"] == "missing":
            key = str(detail["loc"][-1])
            yield Problem(where[:-1], f"{quote(key)} is missing", _EXPECTED.get(key, ""))
        else:
            yield Problem(where, *_describe(detail, model))


def validator_problems(error: ValidationError) -> Iterator[Problem]:
    """Yield the problems of validators of the whole value, with places relative to it."""
    for detail in error.errors():
        if not detail["loc"]:
            yield from _problems_in(detail)


def _problems_in(error: ErrorDetails) -> tuple[Problem, ...]:
    problems: tuple[Problem, ...] = error.get("ctx", {}).get("problems", ())
    return problems


def _describe(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """Describe an error: the finding, and the expected value."""
    value, bounds, kind = error["input"], error.get("ctx", {}), error["type"]
    key = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return f"unknown key {quote(key)}", nearest(key, tuple(model.model_fields))
    if kind == "literal_error":
        return f"{quote(value)} is not a valid {_NOUNS.get(key, key)}", _suggestion(value, key)
    if kind in _BOUNDS:
        what, expected = _BOUNDS[kind]
        return what.format(value=quote(value), **bounds), expected.format(**bounds)
    if kind in _SHAPES:
        what, expected = _SHAPES[kind]
        return f"{_describe_value(value)} is {what}", expected
    return f"{quote(value)}: {error['msg']}", ""


def _suggestion(value: Any, key: str) -> str:
    if not isinstance(value, str):
        value = ""
    if key == "type":
        return quote(known) if (known := type_of(value)) else nearest(value, TYPES)
    if key == "kind":
        word = _KIND_SYNONYMS.get("_".join(value.lower().replace("-", " ").split()))
        return quote(word) if word else nearest(value, KINDS)
    return nearest(value, ("cascade", "protect", "set_null"))


def _describe_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else quote(value)
