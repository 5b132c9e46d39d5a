"""The tables that an entity has, and checks of what is declared for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flagbench.acceptance.probe_client import Column, ForeignKey, ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.scenario.specification import Attribute, Entity

# https://www.sqlite.org/datatype3.html#determination_of_column_affinity, in its order of rules.
_AFFINITIES = (
    (("INT",), "INTEGER"),
    (("CHAR", "CLOB", "TEXT"), "TEXT"),
    (("BLOB",), "BLOB"),
    (("REAL", "FLOA", "DOUB"), "REAL"),
)
# A declared DATE or BOOLEAN has the affinity NUMERIC and keeps what is written.
_ALLOWED = {
    "integer": ("INTEGER",),
    "number": ("REAL", "NUMERIC"),
    "boolean": ("INTEGER", "NUMERIC"),
    "date": ("TEXT", "NUMERIC"),
    "datetime": ("TEXT", "NUMERIC"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its attributes, and the tables that its foreign keys reference, by column.

    `needed` are the columns of keys that may not be NULL. `is_part`: it is one of links or
    children, whose rows are deleted with those that they reference.
    """

    name: str
    attributes: tuple[Attribute, ...]
    targets: Mapping[str, str]
    needed: frozenset[str] = frozenset()
    is_part: bool = False


def tables_of(entity: Entity, related: Sequence[Entity]) -> list[Table]:
    """The tables of an entity, its own first, then one for each list of links or children."""
    entities = {other.entity: other for other in (*related, entity)}
    ones = {
        f"{name}_id": relation
        for name, relation in entity.relations.items()
        if relation.kind == "many_to_one"
    }
    targets = {name: entities[str(relation.target)].table_name for name, relation in ones.items()}
    needed = frozenset(name for name, relation in ones.items() if relation.required)
    back = {f"{entity.module}_id": entity.table_name}
    parts = []
    for name, relation in entity.relations.items():
        if relation.target is None:
            part = f"{entity.table_name}_{name}"
            parts.append(Table(part, relation.children, back, is_part=True))
        elif relation.kind == "many_to_many":
            target = entities[relation.target]
            keys = {**back, f"{target.module}_id": target.table_name}
            part = f"{entity.table_name}_{target.table_name}"
            parts.append(Table(part, (), keys, is_part=True))
    return [Table(entity.table_name, entity.values, targets, needed), *parts]


def check_columns(table: Table, columns: Mapping[str, Column]) -> None:
    """Check that the table has its columns, and needs no other. Raises `Refuted`."""
    if not columns:
        raise Refuted("columns", f"table {table.name} is missing")
    expected = [*(attribute.name for attribute in table.attributes), *table.targets]
    missing = [name for name in expected if name not in columns]
    if missing:
        raise Refuted("columns", f"table {table.name} lacks {', '.join(missing)}")
    for name, column in columns.items():
        is_required = column.notnull and column.dflt_value is None and not column.pk
        if is_required and name not in expected:
            raise Refuted("columns", f"table {table.name} requires {name}, which is not specified")


def check_types(table: Table, columns: Mapping[str, Column]) -> None:
    """Check the affinity of each attribute. Raises `Refuted`."""
    for attribute in table.attributes:
        declared = columns[attribute.name].type
        allowed = _ALLOWED.get(attribute.type, ("TEXT",))
        if affinity(declared) not in allowed:
            what = f"{table.name}.{attribute.name} is declared {declared or 'without a type'}"
            raise Refuted("types", f"{what}; expected: {allowed[0]}")


def check_not_null(table: Table, columns: Mapping[str, Column]) -> None:
    """Check that what is required may not be NULL, and all else may. Raises `Refuted`."""
    required = {attribute.name: attribute.required for attribute in table.attributes}
    if not table.is_part:
        required |= {name: name in table.needed for name in table.targets}
    for name, is_required in required.items():
        if bool(columns[name].notnull) is not is_required:
            may, must = "may be NULL", "is NOT NULL"
            what, expected = (may, "NOT NULL") if is_required else (must, "nullable")
            raise Refuted("not-null", f"{table.name}.{name} {what}; expected: {expected}")


def check_no_default(table: Table, columns: Mapping[str, Column]) -> None:
    """Check that a new row must bring what is required. For older rows a default is right."""
    for attribute in table.attributes:
        default = columns[attribute.name].dflt_value
        if attribute.required and default is not None:
            what = f"{table.name}.{attribute.name} is required and has the default {default}"
            raise Refuted("not-null", f"{what}; expected: none in a new table")


def affinity(declared: str) -> str:
    """Affinity that SQLite gives a declared type."""
    upper = declared.upper()
    for words, name in _AFFINITIES:
        if any(word in upper for word in words):
            return name
    return "NUMERIC" if upper else "BLOB"


def check_targets(probe: ProbeClient, table: Table) -> dict[str, ForeignKey]:
    """Check which tables the foreign keys reference; the keys by column."""
    keys = {key.column: key for key in probe.keys(table.name)}
    for column, target in table.targets.items():
        key = keys.get(column)
        if key is None or key.table != target:
            what = f"references {key.table}" if key else "is not a foreign key"
            raise Refuted("foreign-keys", f"{table.name}.{column} {what}; expected: {target}")
    return keys


def check_keys(probe: ProbeClient, table: Table) -> None:
    """Check the foreign keys and what a deletion there does. Raises `Refuted`."""
    keys = check_targets(probe, table)
    for column in table.targets:
        allowed: tuple[str, ...]
        if table.is_part:
            allowed, because = ("CASCADE",), "its rows go with those they belong to"
        elif column in table.needed:
            allowed, because = ("NO ACTION", "RESTRICT"), "a row that others need stays"
        else:
            allowed, because = ("SET NULL",), "the row stays without what it pointed at"
        if keys[column].on_delete not in allowed:
            what = f"{table.name}.{column} says ON DELETE {keys[column].on_delete}"
            expected = " or ".join(allowed)
            raise Refuted("foreign-keys", f"{what}; expected: {expected}, since {because}")
