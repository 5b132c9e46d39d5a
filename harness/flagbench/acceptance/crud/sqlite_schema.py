"""A SQLite schema: its tables are as specified, and its migration keeps the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from flagbench.acceptance.crud import ddl, samples
from flagbench.acceptance.probe_client import Column, ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
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


def judge(case: Case, asker: ProbeClient, figures: Figures) -> None:  # noqa: ARG001  as every judge
    """Migrate an empty database, and one that the previous request left."""
    modules = [*(one.module for one in case.related), case.entity.module]
    _migrated(asker, modules, "loads")
    for table, attributes, targets in _tables(case.entity, case.related):
        columns = asker.columns(table)
        _check_columns(table, columns, attributes, targets)
        _check_values(table, columns, attributes)
        _check_keys(asker, table, targets)
    stored = _stored(case.entity, case.related, asker)
    _migrated(asker, modules, "idempotent")
    _check_kept(case.entity, asker, stored)
    if case.before is not None:
        asker.use("older.db")
        for one in (*needed(case.before, case.related), case.before):
            for statement in ddl.statements(one, case.related):
                asker.query(statement)
        stored = _stored(case.before, case.related, asker)
        _migrated(asker, modules, "keeps-rows")
        for table, attributes, targets in _tables(case.entity, case.related):
            _check_columns(table, asker.columns(table), attributes, targets)
        _check_kept(case.entity, asker, stored)


def _migrated(asker: ProbeClient, modules: list[str], check: str) -> None:
    try:
        asker.migrate(modules)
    except Raised as raised:
        raise Refuted(check, f"migrating raised {raised}") from raised


Tables = list[tuple[str, tuple[Attribute, ...], Mapping[str, str]]]


def _tables(entity: Entity, related: tuple[Entity, ...]) -> Tables:
    """The tables of an entity: name, attributes, and the columns that point at other tables."""
    tables = {one.entity: one for one in (*related, entity)}
    own: dict[str, str] = {}
    found: Tables = [(entity.table_name, entity.values, own)]
    back = {f"{entity.module}_id": entity.table_name}
    for name, relation in entity.relations.items():
        if relation.target is None:
            found.append((f"{entity.table_name}_{name}", relation.children, back))
            continue
        target = tables[relation.target]
        if relation.kind == "many_to_one":
            own[f"{name}_id"] = target.table_name
        else:
            link = f"{entity.table_name}_{target.table_name}"
            found.append((link, (), {**back, f"{target.module}_id": target.table_name}))
    return found


def _check_columns(
    table: str,
    columns: Mapping[str, Column],
    attributes: tuple[Attribute, ...],
    targets: Mapping[str, str],
) -> None:
    if not columns:
        raise Refuted("columns", f"there is no table {table}")
    expected = [*(one.name for one in attributes), *targets]
    missing = [name for name in expected if name not in columns]
    if missing:
        raise Refuted("columns", f"table {table} lacks {', '.join(missing)}")
    for name, one in columns.items():
        alone = one.notnull and one.dflt_value is None and not one.pk
        if alone and name not in expected:
            raise Refuted("columns", f"table {table} demands {name}, which nobody asked for")


def _check_values(
    table: str, columns: Mapping[str, Column], attributes: tuple[Attribute, ...]
) -> None:
    """What the columns may hold."""
    for attribute in attributes:
        declared = columns[attribute.name].type
        allowed = _ALLOWED.get(attribute.type, ("TEXT",))
        if affinity(declared) not in allowed:
            what = f"{table}.{attribute.name} is declared {declared or 'without a type'}"
            raise Refuted("types", f"{what}; right would be {allowed[0]}")
    for attribute in attributes:
        if bool(columns[attribute.name].notnull) is not attribute.required:
            right = "NOT NULL" if attribute.required else "a column that may be NULL"
            raise Refuted("not-null", f"{table}.{attribute.name}: right would be {right}")


def affinity(declared: str) -> str:
    """What SQLite makes of a declared type."""
    upper = declared.upper()
    for words, name in _AFFINITIES:
        if any(word in upper for word in words):
            return name
    return "NUMERIC" if upper else "BLOB"


def _check_keys(asker: ProbeClient, table: str, targets: Mapping[str, str]) -> None:
    keys = {one.column: one.table for one in asker.keys(table)}
    for column, target in targets.items():
        if keys.get(column) != target:
            points = f"points at {keys[column]}" if column in keys else "is no foreign key"
            raise Refuted("foreign-keys", f"{table}.{column} {points}; right would be {target}")


def _stored(entity: Entity, related: Sequence[Entity], asker: ProbeClient) -> dict[str, Any]:
    """Insert a row as it must be possible; what was inserted."""
    try:
        return insert(asker, entity, related, 1)
    except Raised as raised:
        raise Refuted("columns", f"a valid row is not taken: {raised}") from raised


def insert(
    asker: ProbeClient, entity: Entity, related: Sequence[Entity], row: int
) -> dict[str, Any]:
    """Insert a row, and before it what it must point at and is not there; its values.

    Raises `Raised`.
    """
    values = samples.body(entity, row)
    known = {one.entity: one for one in related}
    for name, one in entity.relations.items():
        if one.required and one.target in known:
            target = known[one.target]
            if last_id(asker, target) is None:
                insert(asker, target, related, row)
            values[f"{name}_id"] = last_id(asker, target)
    table, names = ddl.quoted(entity.table_name), ", ".join(map(ddl.quoted, values))
    marks = ", ".join("?" for _ in values)
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  our own names
    asker.query(sql, list(values.values()))
    return values


def last_id(asker: ProbeClient, entity: Entity) -> Any:
    """The id of the row that was inserted last, None for an empty table. Raises `Raised`."""
    table = ddl.quoted(entity.table_name)
    rows = asker.query(f"SELECT max(id) AS id FROM {table}")  # noqa: S608  as above
    return rows[0].get("id") if rows else None


def needed(entity: Entity, related: Sequence[Entity]) -> list[Entity]:
    """The entities without which it has no row, in the order in which theirs are made."""
    known = {one.entity: one for one in related}
    found: list[Entity] = []
    for one in entity.relations.values():
        if one.required and one.target in known:
            target = known[one.target]
            found += [each for each in (*needed(target, related), target) if each not in found]
    return found


def _check_kept(entity: Entity, asker: ProbeClient, stored: Mapping[str, Any]) -> None:
    rows = asker.query(f"SELECT * FROM {ddl.quoted(entity.table_name)}")  # noqa: S608  as above
    kept = len(rows) == 1 and all(rows[0].get(name) == value for name, value in stored.items())
    if not kept:
        raise Refuted("keeps-rows", f"a row {dict(stored)} was there; after migrating: {rows}")
    required = [one.name for one in entity.values if one.required]
    empty = [name for name in required if rows[0].get(name) is None]
    if empty:
        raise Refuted("keeps-rows", f"the row that was there has no {', '.join(empty)} now")
