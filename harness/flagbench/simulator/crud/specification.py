"""Reading of a specification from the JSON in a prompt, with the names that follow from it.

It is read leniently, as a model would: missing names are derived from the entity's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.simulator.names import camel, plural, singular, snake

PYTHON_TYPES = {
    "string": "str", "text": "str", "integer": "int", "number": "float", "boolean": "bool",
    "date": "datetime.date", "datetime": "datetime.datetime", "email": "str",
}  # fmt: skip
SQL_TYPES = {
    "string": "TEXT", "text": "TEXT", "integer": "INTEGER", "number": "REAL",
    "boolean": "INTEGER", "date": "TEXT", "datetime": "TEXT", "email": "TEXT",
}  # fmt: skip
_NEUTRAL = {
    "integer": "0", "number": "0", "boolean": "0",
    "date": "'1970-01-01'", "datetime": "'1970-01-01T00:00:00'",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A stored value: an attribute, or the id of a many_to_one relation to `target`."""

    name: str
    type: str
    required: bool
    target: str = ""

    @property
    def python(self) -> str:
        """Type annotation, without `| None`."""
        return PYTHON_TYPES[self.type]

    @property
    def sql(self) -> str:
        """Storage class in SQLite."""
        return SQL_TYPES[self.type]

    @property
    def neutral(self) -> str:
        """SQL literal for existing rows when the column is added; the API can read it back."""
        return _NEUTRAL.get(self.type, "''")


@dataclass(frozen=True, slots=True)
class Link:
    """A many_to_many relation: field `course_ids`, table `students_courses`, its two columns."""

    field: str
    table: str
    owner: str
    other: str
    target: str


@dataclass(frozen=True, slots=True)
class Child:
    """A one_to_many relation: field `lines`, table `orders_lines`, column `order_id`."""

    field: str
    table: str
    owner: str
    model: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One entity: its names, columns, links, children and rules in words."""

    entity: str
    module: str
    table: str
    path: str
    columns: tuple[Column, ...]
    links: tuple[Link, ...]
    children: tuple[Child, ...]
    rules: tuple[str, ...]

    @property
    def id_name(self) -> str:
        """Name of the path parameter, `student_id`."""
        return f"{self.module}_id"

    @property
    def references(self) -> tuple[Column, ...]:
        """Columns that hold the id of another entity."""
        return tuple(column for column in self.columns if column.target)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names in the JSON of the entity, except `id`."""
        columns = tuple(column.name for column in self.columns)
        return (*columns, *(x.field for x in self.links), *(x.field for x in self.children))


def table_of(entity: str) -> str:
    """Table of an entity of which only the name is known."""
    return plural(snake(entity))


def shape_of(specification: Mapping[str, Any]) -> Shape:
    """Read a specification; attributes and relations without a name are skipped."""
    entity = camel(str(specification.get("entity") or "Item")) or "Item"
    module = str(specification.get("module") or snake(entity))
    table = str(specification.get("table") or plural(module))
    columns = list(_attributes(specification.get("attributes")))
    links: list[Link] = []
    children: list[Child] = []
    for relation in _mappings(specification.get("relations")):
        name = snake(str(relation.get("name") or relation.get("target") or ""))
        target = camel(str(relation.get("target") or name))
        kind = relation.get("kind")
        if not name:
            continue
        if kind == "many_to_many":
            linked = snake(target)
            other = f"{linked}_id" if linked != module else f"other_{linked}_id"
            links.append(Link(f"{linked}_ids", f"{table}_{name}", f"{module}_id", other, target))
        elif kind == "one_to_many":
            child_columns = tuple(_attributes(relation.get("attributes")))
            child_columns = child_columns or (Column("name", "string", False),)
            model = entity + camel(singular(name))
            children.append(Child(name, f"{table}_{name}", f"{module}_id", model, child_columns))
        else:
            columns.append(Column(f"{name}_id", "integer", bool(relation.get("required")), target))
    rules = specification.get("rules")
    return Shape(
        entity=entity,
        module=module,
        table=table,
        path=str(specification.get("path") or f"/{table}"),
        columns=tuple({column.name: column for column in columns}.values()),
        links=tuple(links),
        children=tuple(children),
        rules=tuple(str(rule) for rule in rules) if isinstance(rules, list) else (),
    )


def _attributes(value: object) -> list[Column]:
    columns = []
    for attribute in _mappings(value):
        name, kind = str(attribute.get("name") or ""), str(attribute.get("type"))
        name = name if name.isidentifier() else snake(name)
        if name:
            kind = kind if kind in PYTHON_TYPES else "string"
            columns.append(Column(name, kind, bool(attribute.get("required", True))))
    return columns


def _mappings(value: object) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
