"""Judge of a SQLite schema: its tables are as specified, and its migration keeps the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flagbench.acceptance.crud import ddl, samples
from flagbench.acceptance.probe_client import Column, ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Attribute, Entity

CHECKS = ("loads", "columns", "types", "not-null", "foreign-keys", "idempotent", "keeps-rows")

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


def judge(
    case: Case,
    probe: ProbeClient,
    figures: Figures,  # noqa: ARG001  as every judge
    selection: Selection,
) -> None:
    """Migrate an empty database, and one as the previous request left it. Raises `Refuted`."""
    modules = [*(entity.module for entity in case.related), case.entity.module]
    _migrate(probe, modules, "loads")
    for table in _tables(case.entity, case.related):
        columns = probe.columns(table.name)
        _check_columns(table, columns)
        if selection.has("types"):
            _check_types(table, columns)
        if selection.has("not-null"):
            _check_not_null(table, columns)
        if selection.has("foreign-keys"):
            _check_keys(probe, table)
    stored = _insert_valid(case.entity, case, probe)
    if selection.has("idempotent", "keeps-rows"):
        _migrate(probe, modules, "idempotent")
        _check_rows_kept(case.entity, probe, stored)
    _insert_like(stored[0], case, probe)
    if case.before is not None and selection.has("keeps-rows"):
        probe.use("older.db")
        related = case.related if case.before.targets() else ()
        for entity in (*related, case.before):
            for statement in ddl.statements(entity, case.related):
                probe.query(statement)
        stored = _insert_valid(case.before, case, probe)
        _migrate(probe, modules, "keeps-rows")
        for table in _tables(case.entity, case.related):
            _check_columns(table, probe.columns(table.name))
        _check_rows_kept(case.entity, probe, stored)


def _migrate(probe: ProbeClient, modules: list[str], check: str) -> None:
    try:
        probe.migrate(modules)
    except Raised as raised:
        raise Refuted(check, f"migrate() raised {raised}") from raised


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: its attributes, and the tables that its foreign keys reference, by column.

    `needed` are the columns of keys that may not be NULL. `is_part`: it is one of links or
    children, whose rows are deleted with those that they reference.
    """

    name: str
    attributes: tuple[Attribute, ...]
    targets: Mapping[str, str]
    needed: frozenset[str] = frozenset()
    is_part: bool = False


def _tables(entity: Entity, related: Sequence[Entity]) -> list[_Table]:
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
            parts.append(_Table(part, relation.children, back, is_part=True))
        elif relation.kind == "many_to_many":
            target = entities[relation.target]
            keys = {**back, f"{target.module}_id": target.table_name}
            part = f"{entity.table_name}_{target.table_name}"
            parts.append(_Table(part, (), keys, is_part=True))
    return [_Table(entity.table_name, entity.values, targets, needed), *parts]


def _check_columns(table: _Table, columns: Mapping[str, Column]) -> None:
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


def _check_types(table: _Table, columns: Mapping[str, Column]) -> None:
    for attribute in table.attributes:
        declared = columns[attribute.name].type
        allowed = _ALLOWED.get(attribute.type, ("TEXT",))
        if affinity(declared) not in allowed:
            what = f"{table.name}.{attribute.name} is declared {declared or 'without a type'}"
            raise Refuted("types", f"{what}; expected: {allowed[0]}")


def _check_not_null(table: _Table, columns: Mapping[str, Column]) -> None:
    required = {attribute.name: attribute.required for attribute in table.attributes}
    if not table.is_part:
        required |= {name: name in table.needed for name in table.targets}
    for name, is_required in required.items():
        if bool(columns[name].notnull) is not is_required:
            may, must = "may be NULL", "is NOT NULL"
            what, expected = (may, "NOT NULL") if is_required else (must, "nullable")
            raise Refuted("not-null", f"{table.name}.{name} {what}; expected: {expected}")


def affinity(declared: str) -> str:
    """Affinity that SQLite gives a declared type."""
    upper = declared.upper()
    for words, name in _AFFINITIES:
        if any(word in upper for word in words):
            return name
    return "NUMERIC" if upper else "BLOB"


def _check_keys(probe: ProbeClient, table: _Table) -> None:
    keys = {key.column: key for key in probe.keys(table.name)}
    for column, target in table.targets.items():
        key = keys.get(column)
        if key is None or key.table != target:
            what = f"references {key.table}" if key else "is not a foreign key"
            raise Refuted("foreign-keys", f"{table.name}.{column} {what}; expected: {target}")
        if table.is_part and key.on_delete != "CASCADE":
            what = f"{table.name}.{column} says ON DELETE {key.on_delete}"
            because = "its rows go with those they belong to"
            raise Refuted("foreign-keys", f"{what}; expected: CASCADE, since {because}")


Stored = tuple[Mapping[str, Any], Sequence[str]]
"""A row of an entity, and the tables of its links and children, each with a row of it."""


def _insert_valid(entity: Entity, case: Case, probe: ProbeClient) -> Stored:
    """Insert a valid row with a link or child of each kind. Raises `Refuted`."""
    try:
        stored = insert(probe, entity, case.related, 1, case.seed)
        for other in case.related:
            if other.entity in entity.targets() and last_id(probe, other) is None:
                insert(probe, other, case.related, 1, case.seed)
        parts = _tables(entity, case.related)[1:]
        for part in parts:
            values = {
                attribute.name: samples.value(attribute, place, 1, case.seed)
                for place, attribute in enumerate(part.attributes)
            }
            values |= {name: _last_id(probe, table) for name, table in part.targets.items()}
            _insert_row(probe, part.name, values)
    except Raised as raised:
        raise Refuted("columns", f"a valid row is rejected: {raised}") from raised
    return stored, [part.name for part in parts]


def _insert_like(stored: Mapping[str, Any], case: Case, probe: ProbeClient) -> None:
    """Insert a row that differs from the stored one in nothing but unique attributes."""
    other = samples.body(case.entity, 2, case.seed)
    changed = {name: other[name] for name in case.entity.unique}
    try:
        _insert_row(probe, case.entity.table_name, {**stored, **changed})
    except Raised as raised:
        what = f"a row with the values of another one is rejected: {raised}"
        raise Refuted("columns", what) from raised


def insert(
    probe: ProbeClient, entity: Entity, related: Sequence[Entity], row: int, seed: int
) -> dict[str, Any]:
    """Insert a row, and before it missing targets of its required relations; its values.

    Raises `Raised`.
    """
    values = samples.body(entity, row, seed)
    known = {other.entity: other for other in related}
    for name, relation in entity.relations.items():
        if relation.required and relation.target in known:
            target = known[relation.target]
            if last_id(probe, target) is None:
                insert(probe, target, related, row, seed)
            values[f"{name}_id"] = last_id(probe, target)
    _insert_row(probe, entity.table_name, values)
    return values


def _insert_row(probe: ProbeClient, table: str, values: Mapping[str, Any]) -> None:
    names = ", ".join(map(ddl.quote, values))
    marks = ", ".join("?" for _ in values)
    sql = f"INSERT INTO {ddl.quote(table)} ({names}) VALUES ({marks})"  # noqa: S608  names from the specification
    probe.query(sql, list(values.values()))


def last_id(probe: ProbeClient, entity: Entity) -> Any:
    """Id of the last inserted row, None for an empty table. Raises `Raised`."""
    return _last_id(probe, entity.table_name)


def _last_id(probe: ProbeClient, table: str) -> Any:
    rows = probe.query(f"SELECT max(id) AS id FROM {ddl.quote(table)}")  # noqa: S608  as above
    return rows[0].get("id") if rows else None


def required_targets(entity: Entity, related: Sequence[Entity]) -> list[Entity]:
    """Entities that need a row before this one can have any, in order of insertion."""
    known = {other.entity: other for other in related}
    targets: list[Entity] = []
    for relation in entity.relations.values():
        if relation.required and relation.target in known:
            target = known[relation.target]
            closure = (*required_targets(target, related), target)
            targets += [other for other in closure if other not in targets]
    return targets


def _check_rows_kept(entity: Entity, probe: ProbeClient, stored: Stored) -> None:
    row, parts = stored
    rows = probe.query(f"SELECT * FROM {ddl.quote(entity.table_name)}")  # noqa: S608  as above
    is_kept = len(rows) == 1 and all(rows[0].get(name) == value for name, value in row.items())
    if not is_kept:
        raise Refuted("keeps-rows", f"the rows after migrate() are {rows}; expected: {dict(row)}")
    required = [attribute.name for attribute in entity.values if attribute.required]
    empty = [name for name in required if rows[0].get(name) is None]
    if empty:
        raise Refuted("keeps-rows", f"an older row has no {', '.join(empty)} after migrate()")
    for part in parts:
        count = len(probe.query(f"SELECT 1 FROM {ddl.quote(part)}"))  # noqa: S608  as above
        if count != 1:
            raise Refuted("keeps-rows", f"{part} has {count} rows after migrate(); expected: 1")
