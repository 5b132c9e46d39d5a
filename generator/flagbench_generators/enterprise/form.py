"""The form of documents: the errors of pydantic as problems."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flagbench_generators.enterprise.brief import MoreEntity
from flagbench_generators.kernel.problem import Place, Problem, WrongDocument, nearest, quote

Model = TypeVar("Model", bound=BaseModel)

_SHAPES = {
    "string_type": ("not a string", "a text"),
    "list_type": ("not a list", "a list"),
    "tuple_type": ("not a list", "a list"),
    "model_type": ("not a mapping", "keys with values"),
    "dict_type": ("not a mapping", "keys with values"),
    "too_short": ("empty", "at least one field"),
    "string_too_short": ("empty", "a name"),
}
_PATTERNS = {
    "^[a-z][a-z0-9-]*$": "small letters, digits and hyphens, such as shop-2",
    "^[A-Z][A-Za-z0-9]*$": "CamelCase, such as OrderLine",
    "^[a-z][a-z0-9_]*$": "snake_case, such as unit_price",
    "^[A-Za-z][A-Za-z0-9-]*$": "letters, digits and hyphens, such as PCI-DSS",
    r"^[^|\n]+$": "an article in one line, without |",
}


class BriefErrors(WrongDocument):
    """An invalid brief."""


def validated(document: Any, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Validate a document by a model; None with its problems for a wrong one."""
    try:
        return model.model_validate(document), []
    except ValidationError as error:
        return None, [_problem_of(detail, model) for detail in error.errors()]


def _problem_of(detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    place = tuple(step for step in detail["loc"] if step != "[key]")
    kind, value, bounds = detail["type"], detail["input"], detail.get("ctx", {})
    key = str(place[-1]) if place else ""
    if kind == "missing":
        return Problem(place[:-1], f"{quote(key)} is missing")
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1], model)
        return Problem(place, f"unknown key {quote(key)}", nearest(key, known))
    if kind == "literal_error":
        return Problem(place, f"{quote(value)} is unknown", str(bounds["expected"]))
    if kind == "string_pattern_mismatch":
        expected = _PATTERNS[str(bounds["pattern"])]
        return Problem(place, f"{quote(value)} is not a valid name", expected)
    if kind in _SHAPES:
        what, expected = _SHAPES[kind]
        return Problem(place, f"{quote(value)} is {what}", expected)
    return Problem(place, f"{quote(value)}: {detail['msg']}")


def _keys_at(place: Place, model: type[BaseModel]) -> tuple[str, ...]:
    for step in place:
        if isinstance(step, int):
            model = MoreEntity
        elif step != "components":
            inner = model.model_fields[step].annotation
            model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return tuple(model.model_fields)
