"""Reading an ERD: everything that is wrong in a document, at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict, ValidationError

from flagbench_generators.django_rest.erd import json_text
from flagbench_generators.django_rest.erd.checks import Part, problems_of
from flagbench_generators.django_rest.erd.entity import Relation
from flagbench_generators.django_rest.erd.erd import MOST_ENTITIES, Erd
from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.django_rest.erd.names import EntityName, ErdName
from flagbench_generators.django_rest.erd.problem import ErdErrors, Place, Problem, quoted
from flagbench_generators.django_rest.erd.pydantic_errors import carried, problems_from

Model = TypeVar("Model", bound=BaseModel)
_TIDY = ("name", *Field.model_fields, *Relation.model_fields, "fields", "relations", "entities")
Listed = Annotated[list[Any], pydantic.Strict()]


class _Shell(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ErdShell(_Shell):
    """An ERD whose entities are still to be read."""

    name: ErdName
    entities: Listed = pydantic.Field(min_length=1, max_length=MOST_ENTITIES)


class _EntityShell(_Shell):
    """An entity whose parts are still to be read."""

    name: EntityName
    fields: Listed = []
    relations: Listed = []


def read(text: str) -> Erd:
    """The ERD of a JSON text.

    A key "$schema" at the top, by which editors find the schema, is passed over. Raises `ErdErrors`
    with everything that is wrong, by JSON path; for what is no JSON, by line and column.
    """
    document, repeated = json_text.parse(text)
    if isinstance(document, dict) and isinstance(document.get("$schema"), str):
        document = {key: value for key, value in document.items() if key != "$schema"}
    return check(document, repeated)


def check(document: Any, found: Sequence[Problem] = ()) -> Erd:
    """The ERD of a JSON document. Raises `ErdErrors` with everything that is wrong in it.

    `found`: what is known to be wrong already.
    """
    problems = [*found, *_problems(document)]
    if problems:
        raise ErdErrors(sorted(dict.fromkeys(problems), key=lambda one: _order(one.place)))
    return Erd.model_validate(document)


def _order(place: Place) -> tuple[tuple[int, str], ...]:
    """As in a tidy document: names first, what is inside last."""
    return tuple((one, "") if isinstance(one, int) else (_rank(one), one) for one in place)


def _rank(key: str) -> int:
    return _TIDY.index(key) if key in _TIDY else len(_TIDY)


def _problems(document: Any) -> Iterator[Problem]:
    problems: list[Problem] = []
    _sound(_ErdShell, document, (), problems)
    parts = []
    for place, raw in _listed(document, (), "entities"):
        before = len(problems)
        _sound(_EntityShell, raw, place, problems)
        fields = _each(Field, raw, place, "fields", problems)
        relations = _each(Relation, raw, place, "relations", problems)
        if isinstance(raw, Mapping) and isinstance(raw.get("name"), str):
            targets = [
                ((*where, "to"), one["to"])
                for where, one in _listed(raw, place, "relations")
                if isinstance(one, Mapping) and isinstance(one.get("to"), str)
            ]
            is_empty = raw.get("fields", []) == [] and raw.get("relations", []) == []
            is_whole = len(problems) == before
            parts.append(Part(place, raw["name"], fields, relations, targets, is_empty, is_whole))
    yield from problems
    yield from problems_of(parts)


def _each(
    model: type[Model], raw: Any, place: Place, key: str, problems: list[Problem]
) -> list[tuple[Place, Model]]:
    """The sound ones of a list."""
    sound = []
    for where, one in _listed(raw, place, key):
        value = _sound(model, one, where, problems)
        if value is not None:
            sound.append((where, value))
    return sound


def _listed(raw: Any, place: Place, key: str) -> Iterator[tuple[Place, Any]]:
    values = raw.get(key) if isinstance(raw, Mapping) else None
    if isinstance(values, list):
        for number, one in enumerate(values):
            yield (*place, key, number), one


def _sound(model: type[Model], raw: Any, place: Place, problems: list[Problem]) -> Model | None:
    """The value if it is sound; else what is wrong with it is added to the problems."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems += problems_from(error, model, place)
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
    if wrong and isinstance(raw, Mapping):  # what the keys ask of each other, without those
        rest = {key: value for key, value in raw.items() if key not in wrong}
        try:
            model.model_validate({"name": "unnamed", **rest})
        except ValidationError as error:
            problems += _further(error, place, wrong)
    return None


def _further(error: ValidationError, place: Place, wrong: set[str]) -> Iterator[Problem]:
    """Problems that do not come from keys that were left out since they are wrong."""
    for inner in carried(error):
        about = str(inner.place[0]) if inner.place else inner.what
        if not any(key == about or quoted(key) in about for key in wrong):
            yield replace(inner, place=(*place, *inner.place))
