"""What a person expects of a generated entity: the specification that every check comes from."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

TYPES = ("string", "text", "integer", "number", "boolean", "date", "datetime", "email")
_OPTIONAL = "optional "
# A check tells this many rows apart: a unique attribute needs as many values.
ROWS = 7

EntityName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _field_type(text: str) -> str:
    if text.removeprefix(_OPTIONAL) not in TYPES:
        known = ", ".join(TYPES)
        raise ValueError(
            f"{text!r} is no type; right would be one of {known}, or 'optional string'"
        )
    return text


FieldType = Annotated[str, AfterValidator(_field_type)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Attribute(_Part):
    """A value of an entity; `type` without the word optional."""

    name: str
    type: str
    required: bool

    @property
    def words(self) -> str:
        """The name in words, as a page labels it: "Birth date"."""
        return self.name.replace("_", " ").capitalize()


class Relation(_Part):
    """How an entity points at another one, or holds children with attributes of their own."""

    kind: Literal["many_to_one", "many_to_many", "one_to_many"]
    target: EntityName | None = None
    required: bool = False
    attributes: dict[FieldName, FieldType] = {}

    @model_validator(mode="after")
    def _whole(self) -> "Relation":
        has_children = self.kind == "one_to_many"
        if has_children is not bool(self.attributes) or has_children is (self.target is not None):
            right = "attributes of the children" if has_children else "a target"
            raise ValueError(f"{self.kind} needs {right}, and nothing else")
        if self.required and self.kind != "many_to_one":
            raise ValueError(f"{self.kind} cannot be required: its list may be empty")
        return self

    @property
    def children(self) -> tuple[Attribute, ...]:
        """The attributes of the children of one_to_many."""
        return _attributes(self.attributes)


class Rule(_Part):
    """A business rule by example: values that the API must refuse, and others that it must take.

    Both stand in for the values of an otherwise valid body.
    """

    rule: str
    refused: dict[FieldName, Any]
    accepted: dict[FieldName, Any]


class Entity(_Part):
    """An entity as it must be after a request. Names of files and addresses follow from it.

    `table` is needed where the plural is not the module with an s. `examples` are values, three or
    more an attribute, in place of those that the checks make up. `unique` are attributes of which
    no two rows may have the same value; their examples must do for all rows of a check.
    """

    entity: EntityName
    table: FieldName | None = None
    attributes: Annotated[dict[FieldName, FieldType], Field(min_length=1)]
    relations: dict[FieldName, Relation] = {}
    unique: list[FieldName] = []
    rules: list[Rule] = []
    examples: dict[FieldName, Annotated[list[Any], Field(min_length=3)]] = {}

    @model_validator(mode="after")
    def _names(self) -> "Entity":
        used = [*self.unique, *self.examples]
        used += [name for rule in self.rules for name in (*rule.refused, *rule.accepted)]
        unknown = sorted(set(used) - set(self.attributes))
        if unknown:
            raise ValueError(f"{self.entity} has no attribute {', '.join(unknown)}")
        for name in self.unique:
            examples = self.examples.get(name, list(range(ROWS)))
            if self.attributes[name].endswith("boolean") or len(set(map(str, examples))) < ROWS:
                raise ValueError(f"the checks need {ROWS} different values of {name}")
        return self

    @model_validator(mode="after")
    def _columns(self) -> "Entity":
        """No two parts want the same column, key in a body or table."""
        used = ["id", *self.attributes]
        for name, one in self.relations.items():
            itself = one.target == self.entity
            if itself and one.required:
                raise ValueError(f"{name}: the first {self.entity} could not point at another one")
            if itself and one.kind == "many_to_many":
                raise ValueError(f"{name}: a table that links {self.entity} to itself is not known")
            if "id" in one.attributes:
                raise ValueError(f"{name}: id is the key of the children")
            many = one.kind == "many_to_many"
            ids = f"{module_of(one.target or name)}_ids"
            used.append(ids if many else f"{name}_id" if one.target else name)
        twice = sorted({name for name in used if used.count(name) > 1})
        if twice:
            raise ValueError(f"{self.entity} has {', '.join(twice)} twice")
        return self

    @property
    def module(self) -> str:
        """OrderLine -> order_line, APIKey -> api_key."""
        return module_of(self.entity)

    @property
    def table_name(self) -> str:
        """The table; its address in the API is the same behind a slash."""
        return self.table or f"{self.module}s"

    @property
    def address(self) -> str:
        """The collection in the API."""
        return f"/{self.table_name}"

    @property
    def words(self) -> str:
        """The name in words: "Order line"."""
        return self.module.replace("_", " ").capitalize()

    @property
    def values(self) -> tuple[Attribute, ...]:
        """The attributes, in order."""
        return _attributes(self.attributes)

    def targets(self) -> tuple[str, ...]:
        """The names of the entities that it points at."""
        return tuple(one.target for one in self.relations.values() if one.target is not None)


def module_of(name: str) -> str:
    """The module of an entity's name."""
    parts = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    return re.sub(parts, "_", name).lower()


def _attributes(declared: Mapping[str, str]) -> tuple[Attribute, ...]:
    return tuple(
        Attribute(
            name=name,
            type=text.removeprefix(_OPTIONAL),
            required=not text.startswith(_OPTIONAL),
        )
        for name, text in declared.items()
    )


def closure(entity: Entity, known: Mapping[str, Entity]) -> tuple[Entity, ...]:
    """The entities that this one points at, and those that they point at; itself left out.

    Raises `ValueError` for a target that is not known, and for entities that need each other.
    """
    found: dict[str, Entity] = {}
    waiting = [(entity.entity, name) for name in entity.targets()]
    while waiting:
        source, name = waiting.pop()
        if name == entity.entity or name in found:
            continue
        if name not in known:
            raise ValueError(f"{source} points at {name}, which is not among the entities")
        found[name] = known[name]
        waiting += [(name, target) for target in known[name].targets()]
    _ordered(entity, {**found, entity.entity: entity}, ())
    return tuple(found[name] for name in sorted(found))


def _ordered(entity: Entity, known: Mapping[str, Entity], waiting: tuple[str, ...]) -> None:
    """Raise `ValueError` if no first row of the entity can be made."""
    if entity.entity in waiting:
        raise ValueError(f"{' and '.join(sorted(set(waiting)))} need each other: none can be first")
    for one in entity.relations.values():
        if one.required and one.target is not None:
            _ordered(known[one.target], known, (*waiting, entity.entity))
