"""What is expected of a project: the ERD of its request, read without the generator's help."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# Columns of these types are as long as Django makes them where the ERD does not say.
LENGTHS: Mapping[str, int] = {"string": 255, "email": 254, "url": 200}
# A check tells this many rows apart: a unique field needs as many values.
ROWS = 60

Type = Literal[
    "string", "text", "integer", "decimal", "float", "boolean",
    "date", "datetime", "time", "email", "url", "uuid",
]  # fmt: skip
EntityName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
PartName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(_Part):
    """A field of an entity. `null`: it may be left out or null."""

    name: PartName
    type: Type
    null: bool = False
    unique: bool = False
    default: Any = None
    choices: tuple[str | int, ...] = ()
    max_length: Annotated[int, Field(ge=1)] | None = None
    max_digits: Annotated[int, Field(ge=1)] | None = None
    decimal_places: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Value":
        if self.type == "decimal" and (self.max_digits is None or self.decimal_places is None):
            raise ValueError(f"{self.name}: a decimal needs max_digits and decimal_places")
        if self.unique and (self.choices or self.type == "boolean" or self._values < ROWS):
            raise ValueError(f"{self.name}: the checks need {ROWS} different values of it")
        return self

    @property
    def required(self) -> bool:
        """Whether a client must send it."""
        return not self.null and self.default is None

    @property
    def length(self) -> int | None:
        """The most characters; None for a type without such."""
        return self.max_length or LENGTHS.get(self.type)

    @property
    def places(self) -> int:
        """Digits behind the point of a decimal."""
        return self.decimal_places or 0

    @property
    def whole_digits(self) -> int:
        """Digits before the point of a decimal."""
        return (self.max_digits or 0) - self.places

    @property
    def _values(self) -> int:
        if self.type == "decimal":
            return int(10 ** (self.max_digits or 0)) - 1
        return 62 if self.type == "string" and self.length == 1 else ROWS


class Relation(_Part):
    """A relation of an entity to another one or to itself."""

    name: PartName
    kind: Literal["one_to_one", "foreign_key", "many_to_many"]
    to: EntityName
    through: EntityName | None = None
    null: bool = False
    on_delete: Literal["cascade", "protect", "set_null"] = "cascade"

    @model_validator(mode="after")
    def _whole(self) -> "Relation":
        if self.is_many and (self.null or self.on_delete != "cascade"):
            raise ValueError(f"{self.name}: a many_to_many has neither null nor on_delete")
        if self.through is not None and not self.is_many:
            raise ValueError(f"{self.name}: only a many_to_many has a through entity")
        if self.on_delete == "set_null" and not self.null:
            raise ValueError(f"{self.name}: set_null needs null")
        return self

    @property
    def is_many(self) -> bool:
        """Whether it leads to any number of rows."""
        return self.kind == "many_to_many"

    @property
    def required(self) -> bool:
        """Whether no row can be without it."""
        return not self.is_many and not self.null


class Entity(_Part):
    """An entity. Its model has its name, and its address follows from it."""

    name: EntityName
    fields: tuple[Value, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def route(self) -> str:
        """OrderLine -> order-lines."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", self.name).lower()
        if re.search(r"[^aeiou]y\Z", words):
            return f"{words[:-1]}ies"
        return words + ("es" if re.search(r"(s|x|z|ch|sh)\Z", words) else "s")

    @property
    def address(self) -> str:
        """The collection in the API."""
        return f"/api/{self.route}/"

    @property
    def ones(self) -> tuple[Relation, ...]:
        """The relations that are a column."""
        return tuple(one for one in self.relations if not one.is_many)

    @property
    def manys(self) -> tuple[Relation, ...]:
        """The relations that are a table."""
        return tuple(one for one in self.relations if one.is_many)


class Erd(_Part):
    """Entities of one project."""

    name: Annotated[str, StringConstraints(min_length=1)]
    entities: Annotated[tuple[Entity, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> "Erd":
        known = {one.name: one for one in self.entities}
        if len(known) < len(self.entities):
            raise ValueError("two entities have the same name")
        for entity in self.entities:
            names = [one.name for one in entity.fields]
            names += [one.name for one in entity.relations]
            if len(set(names)) < len(names):
                raise ValueError(f"{entity.name}: two parts have the same name")
            for relation in entity.relations:
                _check_ends(entity, relation, known)
        list(self.in_order())
        return self

    def entity(self, name: str) -> Entity:
        """The entity of a name that is known to be there."""
        return next(one for one in self.entities if one.name == name)

    def in_order(self) -> Iterator[Entity]:
        """The entities, each behind those without which it has no row.

        Raises `ValueError` where none can be first.
        """
        waiting, done = list(self.entities), set[str]()
        while waiting:
            free = [one for one in waiting if {e.to for e in one.ones if e.required} <= done]
            if not free:
                raise ValueError(f"{', '.join(one.name for one in waiting)}: none can be first")
            yield free[0]
            done.add(free[0].name)
            waiting.remove(free[0])


def ends_of(entity: Entity, relation: Relation, through: Entity) -> tuple[str, str]:
    """The foreign keys of a through entity: to the entity, and to what its relation leads to.

    Raises `ValueError` for one that has no such two.
    """
    own = [one.name for one in through.ones if one.to == entity.name]
    other = [one.name for one in through.ones if one.to == relation.to]
    if relation.to == entity.name:
        other = own[1:]
    if not own or not other:
        raise ValueError(f"{through.name} has no foreign keys to {entity.name} and {relation.to}")
    return own[0], other[0]


def read(text: str) -> Erd:
    """The ERD of a request in JSON. Raises `ValueError` for a text that is none."""
    return Erd.model_validate(json.loads(text))


def _check_ends(entity: Entity, relation: Relation, known: Mapping[str, Entity]) -> None:
    for name in (relation.to, relation.through):
        if name is not None and name not in known:
            raise ValueError(f"{entity.name}.{relation.name} leads to {name}, which is not there")
    if relation.through is not None:
        ends_of(entity, relation, known[relation.through])
