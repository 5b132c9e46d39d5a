"""Reading of an ERD from the JSON in a prompt, leniently, as a model would."""

import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.simulator.names import camel, plural, snake

Scalar = bool | int | float | str

FIELD_CLASSES = {
    "string": "CharField", "text": "TextField", "integer": "IntegerField",
    "decimal": "DecimalField", "float": "FloatField", "boolean": "BooleanField",
    "date": "DateField", "datetime": "DateTimeField", "time": "TimeField",
    "email": "EmailField", "url": "URLField", "uuid": "UUIDField",
}  # fmt: skip
RELATION_CLASSES = {
    "foreign_key": "ForeignKey", "one_to_one": "OneToOneField",
    "many_to_many": "ManyToManyField",
}  # fmt: skip
ON_DELETE = {"cascade": "CASCADE", "protect": "PROTECT", "set_null": "SET_NULL"}
DEFAULT_LENGTH = 255
_DIGITS, _PLACES = 10, 2


@dataclass(frozen=True, slots=True)
class Field:
    """A value of an entity; `max_length` is 0 and `default` None where there is none."""

    name: str
    type: str
    null: bool = False
    unique: bool = False
    max_length: int = 0
    max_digits: int = 0
    decimal_places: int = 0
    choices: tuple[Scalar, ...] = ()
    default: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation to the entity `to`; `through` is "" without one."""

    name: str
    kind: str
    to: str
    null: bool = False
    on_delete: str = "cascade"
    through: str = ""

    @property
    def is_many(self) -> bool:
        """True for a relation to many rows."""
        return self.kind == "many_to_many"


@dataclass(frozen=True, slots=True)
class Entity:
    """One model: its name, fields and relations in the ERD's order."""

    name: str
    fields: tuple[Field, ...] = ()
    relations: tuple[Relation, ...] = ()

    @property
    def module(self) -> str:
        """The name in snake_case: order_line."""
        return snake(self.name)

    @property
    def route(self) -> str:
        """The name in the plural with hyphens: order-lines."""
        return plural(self.module).replace("_", "-")

    @property
    def words(self) -> str:
        """The name in words: order line."""
        return self.module.replace("_", " ")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields and then of the relations."""
        fields = tuple(field.name for field in self.fields)
        return (*fields, *(relation.name for relation in self.relations))

    @property
    def throughs(self) -> tuple[str, ...]:
        """Names of the many_to_many relations whose pairs are rows of another entity."""
        return tuple(
            relation.name for relation in self.relations if relation.is_many and relation.through
        )


@dataclass(frozen=True, slots=True)
class Project:
    """A whole ERD."""

    name: str
    entities: tuple[Entity, ...]

    @property
    def protects(self) -> bool:
        """True where some relation protects its target from deletion."""
        return any(r.on_delete == "protect" for e in self.entities for r in e.relations)

    def entity(self, name: str) -> Entity:
        """The entity of that name; an empty one where there is none."""
        return next((entity for entity in self.entities if entity.name == name), Entity(name))


def project_of(erd: Mapping[str, Any]) -> Project:
    """Read an ERD; entities, fields and relations without a name are skipped."""
    entities = [
        Entity(_entity_name(entity.get("name")), _fields(entity), _relations(entity))
        for entity in _mappings(erd.get("entities"))
    ]
    by_name = {entity.name: entity for entity in entities if entity.name}
    return Project(str(erd.get("name") or "project"), tuple(by_name.values()))


def _entity_name(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return _identifier(text, camel(text), "Model")


def _member_name(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return _identifier(text, snake(text), "field_")


def _identifier(text: str, made: str, before: str) -> str:
    """The text where it is an identifier, else `made`, with `before` for a keyword; or ""."""
    name = text if text.isidentifier() and text.isascii() else made
    is_name = name.isidentifier() and not keyword.iskeyword(name)
    return name if is_name or not name else before + name


def _fields(entity: Mapping[str, Any]) -> tuple[Field, ...]:
    fields: dict[str, Field] = {}
    for field in _mappings(entity.get("fields")):
        name, kind = _member_name(field.get("name")), str(field.get("type"))
        kind = kind if kind in FIELD_CLASSES else "string"
        choices, default = field.get("choices"), field.get("default")
        scalars = choices if isinstance(choices, list) else []
        if name:
            decimal = kind == "decimal"
            fields[name] = Field(
                name=name,
                type=kind,
                null=field.get("null") is True,
                unique=field.get("unique") is True,
                max_length=_whole(
                    field.get("max_length"), DEFAULT_LENGTH if kind == "string" else 0
                ),
                max_digits=_whole(field.get("max_digits"), _DIGITS) if decimal else 0,
                decimal_places=_whole(field.get("decimal_places"), _PLACES) if decimal else 0,
                choices=tuple(
                    item for item in scalars if isinstance(item, bool | int | float | str)
                ),
                default=default if isinstance(default, bool | int | float | str) else None,
            )
    return tuple(fields.values())


def _relations(entity: Mapping[str, Any]) -> tuple[Relation, ...]:
    relations: dict[str, Relation] = {}
    for relation in _mappings(entity.get("relations")):
        to = _entity_name(relation.get("to") or relation.get("target"))
        name = _member_name(relation.get("name")) or snake(to)
        kind = str(relation.get("kind")).replace("-", "_").lower()
        kind = kind if kind in RELATION_CLASSES else "foreign_key"
        on_delete = str(relation.get("on_delete") or "cascade").lower()
        if name and to:
            relations[name] = Relation(
                name=name,
                kind=kind,
                to=to,
                null=relation.get("null") is True,
                on_delete=on_delete if on_delete in ON_DELETE else "cascade",
                through=_entity_name(relation.get("through")),
            )
    return tuple(relations.values())


def _whole(value: object, otherwise: int) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return int(str(value)) if whole else otherwise


def _mappings(value: object) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
