"""Judge of a SQLite schema: its tables are as specified, and its migration keeps the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flagbench.acceptance.crud import ddl, samples, tables
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection
from flagbench.scenario.specification import Entity

CHECKS = ("loads", "columns", "types", "not-null", "foreign-keys", "idempotent", "keeps-rows")


def judge(
    case: Case,
    probe: ProbeClient,
    figures: Figures,  # noqa: ARG001  as every judge
    selection: Selection,
) -> None:
    """Migrate an empty database, and one as the previous request left it. Raises `Refuted`."""
    modules = [*(entity.module for entity in case.related), case.entity.module]
    _migrate(probe, modules, "loads")
    _check_tables(case, probe, selection)
    stored = _insert_valid(case.entity, case, probe)
    if selection.has("idempotent", "keeps-rows"):
        _migrate(probe, modules, "idempotent")
        _check_rows_kept(case.entity, probe, stored)
    _insert_like(stored[0], case, probe)
    if selection.has("foreign-keys"):
        _check_links(case, probe)
    if case.before is not None and selection.has("keeps-rows"):
        _check_migration(case, case.before, probe, modules, selection)


def _check_tables(case: Case, probe: ProbeClient, selection: Selection) -> None:
    """Check the tables of a new database."""
    for table in tables.tables_of(case.entity, case.related):
        columns = probe.columns(table.name)
        tables.check_columns(table, columns)
        if selection.has("types"):
            tables.check_types(table, columns)
        if selection.has("not-null"):
            tables.check_not_null(table, columns)
            tables.check_no_default(table, columns)
        if selection.has("foreign-keys"):
            tables.check_keys(probe, table)


def _check_migration(
    case: Case, before: Entity, probe: ProbeClient, modules: list[str], selection: Selection
) -> None:
    """Migrate a database as the previous request left it."""
    probe.use("older.db")
    related = case.related if before.targets() else ()
    for entity in (*related, before):
        for statement in ddl.statements(entity, case.related):
            probe.query(statement)
    stored = _insert_valid(before, case, probe)
    _migrate(probe, modules, "keeps-rows")
    migrated = tables.tables_of(case.entity, case.related)
    columns_of = {table.name: probe.columns(table.name) for table in migrated}
    for table in migrated:
        tables.check_columns(table, columns_of[table.name])
    _check_rows_kept(case.entity, probe, stored)
    for table in migrated:
        # SQLite cannot add every key as it is declared in a new table.
        if selection.has("not-null"):
            tables.check_not_null(replace(table, targets={}), columns_of[table.name])
        if selection.has("foreign-keys"):
            tables.check_targets(probe, table)


def _migrate(probe: ProbeClient, modules: list[str], check: str) -> None:
    try:
        probe.migrate(modules)
    except Raised as raised:
        raise Refuted(check, f"migrate() raised {raised}") from raised


Stored = tuple[Mapping[str, Any], Sequence[str]]
"""A row of an entity, and the tables of its links and children, each with a row of it."""


def _insert_valid(entity: Entity, case: Case, probe: ProbeClient) -> Stored:
    """Insert a valid row with a link or child of each kind. Raises `Refuted`."""
    try:
        links = {}
        for other in case.related:
            if other.entity in entity.targets() and last_id(probe, other) is None:
                insert(probe, other, case.related, 1, case.seed)
            for name, relation in entity.relations.items():
                if relation.kind == "many_to_one" and relation.target == other.entity:
                    links[f"{name}_id"] = last_id(probe, other)
        stored = insert(probe, entity, case.related, 4, case.seed, links)
        parts = tables.tables_of(entity, case.related)[1:]
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


def _check_links(case: Case, probe: ProbeClient) -> None:
    """Insert each link again, and links of other rows. Raises `Refuted`."""
    entities = {entity.table_name: entity for entity in case.related}
    for link in tables.tables_of(case.entity, case.related)[1:]:
        own, *others = link.targets
        if link.attributes or not others:
            continue
        [other] = others
        target = entities.get(link.targets[other], case.entity)
        first = probe.query(f"SELECT {own}, {other} FROM {ddl.quote(link.name)}")[0]  # noqa: S608  as below
        what = f"table {link.name} takes the same {own} and {other} twice"
        try:
            _insert_row(probe, link.name, first)
        except Raised:
            what = ""
        if what:
            raise Refuted("foreign-keys", f"{what}; expected: both together are its key")
        try:
            _insert_row(probe, link.name, {**first, own: last_id(probe, case.entity)})
            insert(probe, target, case.related, 2, case.seed)
            _insert_row(probe, link.name, {**first, other: last_id(probe, target)})
        except Raised as raised:
            what = f"table {link.name} refuses a second {own} or {other}: {raised}"
            raise Refuted("foreign-keys", f"{what}; expected: many of each") from raised


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
    probe: ProbeClient,
    entity: Entity,
    related: Sequence[Entity],
    row: int,
    seed: int,
    links: Mapping[str, Any] | None = None,
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
    values |= links or {}
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
