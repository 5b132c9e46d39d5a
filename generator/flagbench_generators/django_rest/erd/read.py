"""Reading of an ERD, with all problems of the document reported together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict, ValidationError

from flagbench_generators.django_rest.erd import json_text
from flagbench_generators.django_rest.erd.checks import Part, problems_of
from flagbench_generators.django_rest.erd.entity import Relation
from flagbench_generators.django_rest.erd.erd import MAX_ENTITIES, Erd
from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.django_rest.erd.names import EntityName, ErdName
from flagbench_generators.django_rest.erd.problem import ErdErrors
from flagbench_generators.django_rest.erd.pydantic_errors import problems_from, validator_problems
from flagbench_generators.kernel.problem import Place, Problem, quote

Model = TypeVar("Model", bound=BaseModel)
_KEY_ORDER = (
    "name",
    *Field.model_fields,
    *Relation.model_fields,
    "fields",
    "relations",
    "entities",
)
RawList = Annotated[list[Any], pydantic.Strict()]


class _Shell(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ErdShell(_Shell):
    """An ERD with unread entities."""

    name: ErdName
    entities: RawList = pydantic.Field(min_length=1, max_length=MAX_ENTITIES)


class _EntityShell(_Shell):
    """An entity with unread parts."""

    name: EntityName
    fields: RawList = []
    relations: RawList = []


def read(text: str) -> Erd:
    """Read an ERD from a JSON text.

    A key "$schema" at the top, by which editors find the schema, is ignored. Raises `ErdErrors`
    with every problem, by JSON path; for invalid JSON, by line and column.
    """
    document, duplicates = json_text.parse(text)
    if isinstance(document, dict) and isinstance(document.get("$schema"), str):
        document = {key: value for key, value in document.items() if key != "$schema"}
    return check(document, duplicates)


def check(document: Any, known: Sequence[Problem] = ()) -> Erd:
    """Read an ERD from a JSON document. Raises `ErdErrors` with every problem.

    `known` are problems found before.
    """
    problems = [*known, *_problems(document)]
    if problems:
        raise ErdErrors(
            sorted(dict.fromkeys(problems), key=lambda problem: _sort_key(problem.place))
        )
    return Erd.model_validate(document)


def _sort_key(place: Place) -> tuple[tuple[int, str], ...]:
    """Sort key of a place: the order of a well-ordered document, names first."""
    return tuple((step, "") if isinstance(step, int) else (_rank(step), step) for step in place)


def _rank(key: str) -> int:
    return _KEY_ORDER.index(key) if key in _KEY_ORDER else len(_KEY_ORDER)


def _problems(document: Any) -> Iterator[Problem]:
    problems: list[Problem] = []
    _validate(_ErdShell, document, (), problems)
    parts = []
    for place, raw in _elements(document, (), "entities"):
        before = len(problems)
        _validate(_EntityShell, raw, place, problems)
        fields = _validate_list(Field, raw, place, "fields", problems)
        relations = _validate_list(Relation, raw, place, "relations", problems)
        if isinstance(raw, Mapping) and isinstance(raw.get("name"), str):
            targets = [
                ((*where, "to"), relation["to"])
                for where, relation in _elements(raw, place, "relations")
                if isinstance(relation, Mapping) and isinstance(relation.get("to"), str)
            ]
            is_empty = raw.get("fields", []) == [] and raw.get("relations", []) == []
            is_valid = len(problems) == before
            parts.append(Part(place, raw["name"], fields, relations, targets, is_empty, is_valid))
    yield from problems
    yield from problems_of(parts)


def _validate_list(
    model: type[Model], raw: Any, place: Place, key: str, problems: list[Problem]
) -> list[tuple[Place, Model]]:
    """Validate the elements of a list; return the valid ones with their places."""
    valid = []
    for where, element in _elements(raw, place, key):
        value = _validate(model, element, where, problems)
        if value is not None:
            valid.append((where, value))
    return valid


def _elements(raw: Any, place: Place, key: str) -> Iterator[tuple[Place, Any]]:
    values = raw.get(key) if isinstance(raw, Mapping) else None
    if isinstance(values, list):
        for number, element in enumerate(values):
            yield (*place, key, number), element


def _validate(model: type[Model], raw: Any, place: Place, problems: list[Problem]) -> Model | None:
    """Return a valid value; else add its errors to the problems and return None."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems += problems_from(error, model, place)
        wrong_keys = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
    if wrong_keys and isinstance(raw, Mapping):  # check the other keys against each other
        rest = {key: value for key, value in raw.items() if key not in wrong_keys}
        try:
            model.model_validate({"name": "unnamed", **rest})
        except ValidationError as error:
            problems += _remaining_problems(error, place, wrong_keys)
    return None


def _remaining_problems(
    error: ValidationError, place: Place, wrong_keys: set[str]
) -> Iterator[Problem]:
    """Yield the problems that are not caused by omitting the wrong keys."""
    for inner in validator_problems(error):
        about = str(inner.place[0]) if inner.place else inner.what
        if not any(key == about or quote(key) in about for key in wrong_keys):
            yield replace(inner, place=(*place, *inner.place))
