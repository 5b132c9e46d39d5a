"""Specification of a generated entity, from which all checks are derived."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

TYPES = ("string", "text", "integer", "number", "boolean", "date", "datetime", "email")
_OPTIONAL = "optional "
# A check creates this many rows: a unique attribute needs as many values.
ROWS = 7

Operation = Literal["list", "read", "create", "update", "delete", "missing", "refused", "taken"]
"""An operation of the API, or the reason for which it refuses one."""
HttpStatus = Annotated[int, Field(ge=100, le=599)]
StatusList = Annotated[
    list[HttpStatus],
    Field(min_length=1),
    BeforeValidator(lambda value: [value] if isinstance(value, int) else value),
]
# Characters of an address that need no escape, and the place of a row's id.
Address = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_./~-]*$")]
RowAddress = Annotated[
    str, StringConstraints(pattern=r"^/[A-Za-z0-9_./~-]*\{id\}[A-Za-z0-9_./~-]*$")
]

EntityName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _field_type(text: str) -> str:
    if text.removeprefix(_OPTIONAL) not in TYPES:
        known = ", ".join(TYPES)
        raise ValueError(
            f"{text!r} is not a type; expected: one of {known}, or e.g. 'optional string'"
        )
    return text


FieldType = Annotated[str, AfterValidator(_field_type)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Attribute(_Part):
    """An attribute of an entity; `type` is without the word optional."""

    name: str
    type: str
    required: bool

    @property
    def words(self) -> str:
        """The label on a page, such as "Birth date"."""
        return self.name.replace("_", " ").capitalize()


class Relation(_Part):
    """A relation of an entity to another one, or to children with attributes."""

    kind: Literal["many_to_one", "many_to_many", "one_to_many"]
    target: EntityName | None = None
    required: bool = False
    attributes: dict[FieldName, FieldType] = {}

    @model_validator(mode="after")
    def _check(self) -> "Relation":
        has_children = self.kind == "one_to_many"
        if has_children is not bool(self.attributes) or has_children is (self.target is not None):
            expected = "attributes of the children" if has_children else "a target"
            raise ValueError(f"{self.kind} needs {expected}, and nothing else")
        if self.required and self.kind != "many_to_one":
            raise ValueError(f"{self.kind} cannot be required: its list may be empty")
        return self

    @property
    def children(self) -> tuple[Attribute, ...]:
        """The attributes of the children of one_to_many."""
        return _attributes(self.attributes)


class Rule(_Part):
    """A business rule by example: values that the API must refuse, and others it must accept.

    Both replace values of an otherwise valid body.
    """

    rule: str
    refused: dict[FieldName, Any]
    accepted: dict[FieldName, Any]


class Statuses(_Part):
    """The HTTP statuses that an API may answer, by operation.

    `missing`: a row that does not exist. `refused`: an invalid body. `taken`: a value of a unique
    attribute that another row has.
    """

    list: StatusList = [200]
    read: StatusList = [200]
    create: StatusList = [201]
    update: StatusList = [200]
    delete: StatusList = [204]
    missing: StatusList = [404]
    refused: StatusList = [422]
    taken: StatusList = [409, 422]

    def of(self, operation: Operation) -> Sequence[int]:
        """The statuses of an operation."""
        statuses: Sequence[int] = getattr(self, operation)
        return statuses


class Entity(_Part):
    """An entity as it must be after a request. Its name determines files and addresses.

    `table` is needed if the plural is not the module with an s. `examples` are values, three or
    more for an attribute, in place of generated ones. `unique` are attributes whose values must
    differ in all rows; they need an example for every row of a check. `address` is that of the
    collection and `row_address` that of a row, with `{id}`. `create_button` is the label of the
    button that creates a row, and `labels` are those of inputs, by attribute.
    """

    entity: EntityName
    table: FieldName | None = None
    attributes: Annotated[dict[FieldName, FieldType], Field(min_length=1)]
    relations: dict[FieldName, Relation] = {}
    unique: list[FieldName] = []
    rules: list[Rule] = []
    examples: dict[FieldName, Annotated[list[Any], Field(min_length=3)]] = {}
    address: Address | None = None
    row_address: RowAddress | None = None
    statuses: Statuses = Statuses()
    create_button: str | None = None
    labels: dict[FieldName, str] = {}

    @model_validator(mode="after")
    def _names(self) -> "Entity":
        used = [*self.unique, *self.examples, *self.labels]
        used += [name for rule in self.rules for name in (*rule.refused, *rule.accepted)]
        unknown = sorted(set(used) - set(self.attributes))
        if unknown:
            known = ", ".join(self.attributes)
            raise ValueError(
                f"{self.entity} has no attribute {', '.join(unknown)}; expected: {known}"
            )
        for name in self.unique:
            examples = self.examples.get(name, list(range(ROWS)))
            if self.attributes[name].endswith("boolean") or len(set(map(str, examples))) < ROWS:
                raise ValueError(f"the checks need {ROWS} different values of {name}")
        return self

    @model_validator(mode="after")
    def _columns(self) -> "Entity":
        """Check that no two parts have the same column, key in a body or table."""
        used = ["id", *self.attributes]
        for name, relation in self.relations.items():
            is_recursive = relation.target == self.entity
            if is_recursive and relation.required:
                raise ValueError(f"{name}: the first {self.entity} could not point at another one")
            if is_recursive and relation.kind == "many_to_many":
                raise ValueError(
                    f"{name}: many_to_many of {self.entity} to itself is not supported"
                )
            if "id" in relation.attributes:
                raise ValueError(f"{name}: id is the key of the children")
            is_many = relation.kind == "many_to_many"
            ids = f"{module_of(relation.target or name)}_ids"
            used.append(ids if is_many else f"{name}_id" if relation.target else name)
        duplicates = sorted({name for name in used if used.count(name) > 1})
        if duplicates:
            raise ValueError(f"{self.entity} has {', '.join(duplicates)} more than once")
        return self

    @property
    def module(self) -> str:
        """The module, such as `order_line` for OrderLine and `api_key` for APIKey."""
        return module_of(self.entity)

    @property
    def table_name(self) -> str:
        """The name of the table, and of the collection in the API."""
        return self.table or f"{self.module}s"

    @property
    def collection_address(self) -> str:
        """The address of the collection in the API."""
        return self.address or f"/{self.table_name}"

    def address_of(self, id: object) -> str:  # noqa: A002  as the column is called
        """The address of a row in the API."""
        pattern = self.row_address or f"{self.collection_address.rstrip('/')}/{{id}}"
        return pattern.replace("{id}", str(id))

    @property
    def button(self) -> str:
        """The label of the button that creates a row."""
        return self.create_button or f"Create {self.words}"

    @property
    def words(self) -> str:
        """The name in words, such as "Order line"."""
        return self.module.replace("_", " ").capitalize()

    @property
    def values(self) -> tuple[Attribute, ...]:
        """The attributes, in order."""
        return _attributes(self.attributes)

    def targets(self) -> tuple[str, ...]:
        """The names of the entities that it points at."""
        relations = self.relations.values()
        return tuple(relation.target for relation in relations if relation.target is not None)


def module_of(name: str) -> str:
    """Convert the name of an entity to that of its module."""
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
    """The entities that this one points at, directly or through others, without itself.

    Raises `ValueError` for an unknown target, and for entities that require each other.
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
    _check_order(entity, {**found, entity.entity: entity}, ())
    return tuple(found[name] for name in sorted(found))


def _check_order(entity: Entity, known: Mapping[str, Entity], waiting: tuple[str, ...]) -> None:
    """Raise `ValueError` if no first row of the entity can be created."""
    if entity.entity in waiting:
        raise ValueError(f"{' and '.join(sorted(set(waiting)))} need each other: none can be first")
    for relation in entity.relations.values():
        if relation.required and relation.target is not None:
            _check_order(known[relation.target], known, (*waiting, entity.entity))
