"""The ERD of a request, the specification of a project; reads it without the generator's code."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from flagbench import strict_json

# Django's default lengths of columns, for an ERD without a max_length.
LENGTHS: Mapping[str, int] = {"string": 255, "email": 254, "url": 200}
# A check creates this many rows: a unique field needs as many values.
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
    """A field of an entity; with `null` it may be omitted or null."""

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
    def _check(self) -> "Value":
        if self.type == "decimal" and (self.max_digits is None or self.decimal_places is None):
            raise ValueError(f"{self.name}: a decimal needs max_digits and decimal_places")
        if self.unique and (self.choices or self.type == "boolean" or self._values < ROWS):
            raise ValueError(f"{self.name}: the checks need {ROWS} different values of it")
        return self

    @property
    def required(self) -> bool:
        """True if a client must send it."""
        return not self.null and self.default is None

    @property
    def length(self) -> int | None:
        """The maximum number of characters; None for a type without a maximum."""
        return self.max_length or LENGTHS.get(self.type)

    @property
    def places(self) -> int:
        """Digits after the decimal point."""
        return self.decimal_places or 0

    @property
    def whole_digits(self) -> int:
        """Digits before the decimal point."""
        return (self.max_digits or 0) - self.places

    @property
    def _values(self) -> int:
        if self.type == "decimal":
            return int(10 ** (self.max_digits or 0)) - 1
        return 62 if self.type == "string" and self.length == 1 else ROWS


class Relation(_Part):
    """A relation of an entity to another entity or to itself."""

    name: PartName
    kind: Literal["one_to_one", "foreign_key", "many_to_many"]
    to: EntityName
    through: EntityName | None = None
    null: bool = False
    on_delete: Literal["cascade", "protect", "set_null"] = "cascade"

    @model_validator(mode="after")
    def _check(self) -> "Relation":
        if self.is_many and (self.null or self.on_delete != "cascade"):
            raise ValueError(f"{self.name}: a many_to_many has neither null nor on_delete")
        if self.through is not None and not self.is_many:
            raise ValueError(f"{self.name}: only a many_to_many has a through entity")
        if self.on_delete == "set_null" and not self.null:
            raise ValueError(f"{self.name}: set_null needs null")
        return self

    @property
    def is_many(self) -> bool:
        """True if it points at any number of rows."""
        return self.kind == "many_to_many"

    @property
    def required(self) -> bool:
        """True if every row needs it."""
        return not self.is_many and not self.null


class Entity(_Part):
    """An entity: its name is that of its model, and determines its address."""

    name: EntityName
    fields: tuple[Value, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def route(self) -> str:
        """The route, such as `order-lines` for OrderLine."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", self.name).lower()
        if re.search(r"[^aeiou]y\Z", words):
            return f"{words[:-1]}ies"
        return words + ("es" if re.search(r"(s|x|z|ch|sh)\Z", words) else "s")

    @property
    def address(self) -> str:
        """The address of the collection in the API."""
        return f"/api/{self.route}/"

    @property
    def ones(self) -> tuple[Relation, ...]:
        """The relations that are a column."""
        return tuple(relation for relation in self.relations if not relation.is_many)

    @property
    def manys(self) -> tuple[Relation, ...]:
        """The relations that are a table."""
        return tuple(relation for relation in self.relations if relation.is_many)


class Erd(_Part):
    """The entities of a project."""

    name: Annotated[str, StringConstraints(min_length=1)]
    entities: Annotated[tuple[Entity, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> "Erd":
        known = {entity.name: entity for entity in self.entities}
        if len(known) < len(self.entities):
            raise ValueError("two entities have the same name")
        for entity in self.entities:
            names = [field.name for field in entity.fields]
            names += [relation.name for relation in entity.relations]
            if len(set(names)) < len(names):
                raise ValueError(f"{entity.name}: two parts have the same name")
            for relation in entity.relations:
                _check_ends(entity, relation, known)
        list(self.in_order())
        return self

    def entity(self, name: str) -> Entity:
        """The entity of a known name."""
        return next(entity for entity in self.entities if entity.name == name)

    def in_order(self) -> Iterator[Entity]:
        """The entities, each after those that its rows require.

        Raises `ValueError` for entities that require each other.
        """
        waiting, done = list(self.entities), set[str]()
        while waiting:
            for entity in waiting:
                if {relation.to for relation in entity.ones if relation.required} <= done:
                    break
            else:
                names = ", ".join(entity.name for entity in waiting)
                raise ValueError(f"{names}: none can be first")
            yield entity
            done.add(entity.name)
            waiting.remove(entity)


def ends_of(entity: Entity, relation: Relation, through: Entity) -> tuple[str, str]:
    """The foreign keys of a through entity: to the entity, and to its relation's target.

    Raises `ValueError` if one is missing.
    """
    own = [key.name for key in through.ones if key.to == entity.name]
    other = [key.name for key in through.ones if key.to == relation.to]
    if relation.to == entity.name:
        other = own[1:]
    if not own or not other:
        raise ValueError(f"{through.name} has no foreign keys to {entity.name} and {relation.to}")
    return own[0], other[0]


def read(text: str) -> Erd:
    """Parse the ERD of a request in JSON. Raises `ValueError` for an invalid one."""
    return Erd.model_validate(strict_json.parse(text))


def _check_ends(entity: Entity, relation: Relation, known: Mapping[str, Entity]) -> None:
    for name in (relation.to, relation.through):
        if name is not None and name not in known:
            raise ValueError(f"{entity.name}.{relation.name} leads to {name}, which is not there")
    if relation.through is not None:
        ends_of(entity, relation, known[relation.through])
