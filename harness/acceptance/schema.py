"""A SQLite schema: its tables are as specified, and its migration keeps the rows."""

from collections.abc import Mapping
from typing import Any

from harness.acceptance import ddl, samples
from harness.acceptance.asking import Asker, Rows
from harness.acceptance.expected import Attribute, Entity
from harness.acceptance.proof import Case, Figures, Refuted
from harness.acceptance.sandbox import Raised

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


def judge(case: Case, asker: Asker, figures: Figures) -> None:  # noqa: ARG001  as every judge
    """Migrate an empty database, and one that the previous request left."""
    modules = [*(one.module for one in case.related), case.entity.module]
    _migrated(asker, modules, "loads")
    for table, attributes, targets in _tables(case.entity, case.related):
        columns = _columns(asker, table)
        _check_columns(table, columns, attributes, targets)
        _check_values(table, columns, attributes)
        _check_keys(asker, table, targets)
    stored = _stored(case.entity, asker)
    _migrated(asker, modules, "idempotent")
    _check_kept(case.entity, asker, stored)
    if case.before is not None:
        asker.use("older.db")
        for statement in ddl.statements(case.before, case.related):
            asker.query(statement)
        stored = _stored(case.before, asker)
        _migrated(asker, modules, "keeps-rows")
        for table, attributes, targets in _tables(case.entity, case.related):
            _check_columns(table, _columns(asker, table), attributes, targets)
        _check_kept(case.entity, asker, stored)


def _migrated(asker: Asker, modules: list[str], check: str) -> None:
    try:
        asker.migrate(modules)
    except Raised as raised:
        raise Refuted(check, f"migrating raised {raised}") from raised


def _pragma(asker: Asker, name: str, table: str) -> Rows:
    return asker.query(f'PRAGMA {name}("{table}")')


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


def _columns(asker: Asker, table: str) -> dict[str, dict[str, Any]]:
    return {str(one["name"]): one for one in _pragma(asker, "table_info", table)}


def _check_columns(
    table: str,
    columns: Mapping[str, Mapping[str, Any]],
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
        alone = one["notnull"] and one["dflt_value"] is None and not one["pk"]
        if alone and name not in expected:
            raise Refuted("columns", f"table {table} demands {name}, which nobody asked for")


def _check_values(
    table: str, columns: Mapping[str, Mapping[str, Any]], attributes: tuple[Attribute, ...]
) -> None:
    """What the columns may hold."""
    for attribute in attributes:
        declared = str(columns[attribute.name]["type"])
        allowed = _ALLOWED.get(attribute.type, ("TEXT",))
        if affinity(declared) not in allowed:
            what = f"{table}.{attribute.name} is declared {declared or 'without a type'}"
            raise Refuted("types", f"{what}; right would be {allowed[0]}")
    for attribute in attributes:
        if bool(columns[attribute.name]["notnull"]) is not attribute.required:
            right = "NOT NULL" if attribute.required else "a column that may be NULL"
            raise Refuted("not-null", f"{table}.{attribute.name}: right would be {right}")


def affinity(declared: str) -> str:
    """What SQLite makes of a declared type."""
    upper = declared.upper()
    for words, name in _AFFINITIES:
        if any(word in upper for word in words):
            return name
    return "NUMERIC" if upper else "BLOB"


def _check_keys(asker: Asker, table: str, targets: Mapping[str, str]) -> None:
    keys = {one["from"]: one["table"] for one in _pragma(asker, "foreign_key_list", table)}
    for column, target in targets.items():
        if keys.get(column) != target:
            points = f"points at {keys[column]}" if column in keys else "is no foreign key"
            raise Refuted("foreign-keys", f"{table}.{column} {points}; right would be {target}")


def _stored(entity: Entity, asker: Asker) -> dict[str, Any]:
    """Insert a row as it must be possible; what was inserted."""
    row = samples.body(entity, 1)
    try:
        insert(asker, entity.table_name, row)
    except Raised as raised:
        raise Refuted("columns", f"a valid row is not taken: {raised}") from raised
    return row


def insert(asker: Asker, table: str, row: Mapping[str, Any]) -> None:
    """Insert a row into a table of the application's database. Raises `Raised`."""
    marks = ", ".join("?" for _ in row)
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608  our own names
    asker.query(sql, list(row.values()))


def _check_kept(entity: Entity, asker: Asker, stored: Mapping[str, Any]) -> None:
    rows = asker.query(f"SELECT * FROM {entity.table_name}")  # noqa: S608  as above
    kept = len(rows) == 1 and all(rows[0].get(name) == value for name, value in stored.items())
    if not kept:
        raise Refuted("keeps-rows", f"a row {dict(stored)} was there; after migrating: {rows}")
    required = [one.name for one in entity.values if one.required]
    empty = [name for name in required if rows[0].get(name) is None]
    if empty:
        raise Refuted("keeps-rows", f"the row that was there has no {', '.join(empty)} now")
