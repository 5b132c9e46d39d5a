"""Judge of a SQLite schema: its tables are as specified, and its migration keeps the rows."""

from collections.abc import Mapping, Sequence
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
    for table, attributes, targets in _tables(case.entity, case.related):
        columns = probe.columns(table)
        _check_columns(table, columns, attributes, targets)
        if selection.has("types"):
            _check_types(table, columns, attributes)
        if selection.has("not-null"):
            _check_not_null(table, columns, attributes)
        if selection.has("foreign-keys"):
            _check_keys(probe, table, targets)
    stored = _insert_valid(case.entity, case.related, probe, case.seed)
    if selection.has("idempotent", "keeps-rows"):
        _migrate(probe, modules, "idempotent")
        _check_row_kept(case.entity, probe, stored)
    if case.before is not None and selection.has("keeps-rows"):
        probe.use("older.db")
        for entity in (*required_targets(case.before, case.related), case.before):
            for statement in ddl.statements(entity, case.related):
                probe.query(statement)
        stored = _insert_valid(case.before, case.related, probe, case.seed)
        _migrate(probe, modules, "keeps-rows")
        for table, attributes, targets in _tables(case.entity, case.related):
            _check_columns(table, probe.columns(table), attributes, targets)
        _check_row_kept(case.entity, probe, stored)


def _migrate(probe: ProbeClient, modules: list[str], check: str) -> None:
    try:
        probe.migrate(modules)
    except Raised as raised:
        raise Refuted(check, f"migrate() raised {raised}") from raised


Tables = list[tuple[str, tuple[Attribute, ...], Mapping[str, str]]]


def _tables(entity: Entity, related: tuple[Entity, ...]) -> Tables:
    """Tables of an entity: name, attributes, and the target tables of foreign keys by column."""
    entities = {other.entity: other for other in (*related, entity)}
    own: dict[str, str] = {}
    tables: Tables = [(entity.table_name, entity.values, own)]
    back = {f"{entity.module}_id": entity.table_name}
    for name, relation in entity.relations.items():
        if relation.target is None:
            tables.append((f"{entity.table_name}_{name}", relation.children, back))
            continue
        target = entities[relation.target]
        if relation.kind == "many_to_one":
            own[f"{name}_id"] = target.table_name
        else:
            join_table = f"{entity.table_name}_{target.table_name}"
            tables.append((join_table, (), {**back, f"{target.module}_id": target.table_name}))
    return tables


def _check_columns(
    table: str,
    columns: Mapping[str, Column],
    attributes: tuple[Attribute, ...],
    targets: Mapping[str, str],
) -> None:
    if not columns:
        raise Refuted("columns", f"table {table} is missing")
    expected = [*(attribute.name for attribute in attributes), *targets]
    missing = [name for name in expected if name not in columns]
    if missing:
        raise Refuted("columns", f"table {table} lacks {', '.join(missing)}")
    for name, column in columns.items():
        is_required = column.notnull and column.dflt_value is None and not column.pk
        if is_required and name not in expected:
            raise Refuted("columns", f"table {table} requires {name}, which is not specified")


def _check_types(
    table: str, columns: Mapping[str, Column], attributes: tuple[Attribute, ...]
) -> None:
    for attribute in attributes:
        declared = columns[attribute.name].type
        allowed = _ALLOWED.get(attribute.type, ("TEXT",))
        if affinity(declared) not in allowed:
            what = f"{table}.{attribute.name} is declared {declared or 'without a type'}"
            raise Refuted("types", f"{what}; expected: {allowed[0]}")


def _check_not_null(
    table: str, columns: Mapping[str, Column], attributes: tuple[Attribute, ...]
) -> None:
    for attribute in attributes:
        if bool(columns[attribute.name].notnull) is not attribute.required:
            may, must = "may be NULL", "is NOT NULL"
            what, expected = (may, "NOT NULL") if attribute.required else (must, "nullable")
            raise Refuted("not-null", f"{table}.{attribute.name} {what}; expected: {expected}")


def affinity(declared: str) -> str:
    """Affinity that SQLite gives a declared type."""
    upper = declared.upper()
    for words, name in _AFFINITIES:
        if any(word in upper for word in words):
            return name
    return "NUMERIC" if upper else "BLOB"


def _check_keys(probe: ProbeClient, table: str, targets: Mapping[str, str]) -> None:
    keys = {key.column: key.table for key in probe.keys(table)}
    for column, target in targets.items():
        if keys.get(column) != target:
            what = f"references {keys[column]}" if column in keys else "is not a foreign key"
            raise Refuted("foreign-keys", f"{table}.{column} {what}; expected: {target}")


def _insert_valid(
    entity: Entity, related: Sequence[Entity], probe: ProbeClient, seed: int
) -> dict[str, Any]:
    """Insert a valid row; its values. Raises `Refuted`."""
    try:
        return insert(probe, entity, related, 1, seed)
    except Raised as raised:
        raise Refuted("columns", f"a valid row is rejected: {raised}") from raised


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
    table, names = ddl.quote(entity.table_name), ", ".join(map(ddl.quote, values))
    marks = ", ".join("?" for _ in values)
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  names from the specification
    probe.query(sql, list(values.values()))
    return values


def last_id(probe: ProbeClient, entity: Entity) -> Any:
    """Id of the last inserted row, None for an empty table. Raises `Raised`."""
    table = ddl.quote(entity.table_name)
    rows = probe.query(f"SELECT max(id) AS id FROM {table}")  # noqa: S608  as above
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


def _check_row_kept(entity: Entity, probe: ProbeClient, stored: Mapping[str, Any]) -> None:
    rows = probe.query(f"SELECT * FROM {ddl.quote(entity.table_name)}")  # noqa: S608  as above
    is_kept = len(rows) == 1 and all(rows[0].get(name) == value for name, value in stored.items())
    if not is_kept:
        raise Refuted(
            "keeps-rows", f"the rows after migrate() are {rows}; expected: {dict(stored)}"
        )
    required = [attribute.name for attribute in entity.values if attribute.required]
    empty = [name for name in required if rows[0].get(name) is None]
    if empty:
        raise Refuted("keeps-rows", f"an older row has no {', '.join(empty)} after migrate()")
