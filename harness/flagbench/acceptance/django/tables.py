"""Checks of the tables of models: columns, types, foreign keys, and join tables."""

from collections import Counter
from collections.abc import Iterator, Mapping

from flagbench.acceptance.django.probe_client import JoinTable, Model, Project
from flagbench.acceptance.django.rest_api import MODELS, refutation
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.scenario.erd import Entity, Erd, Relation, Value, ends_of

_DECLARED = {
    "integer": ("integer", "bigint"),
    "float": ("real",),
    "boolean": ("bool",),
    "uuid": ("char(32)",),
}
_UNIQUE = """
    SELECT list.name AS name, part.name AS part
    FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS part
    WHERE list."unique" AND NOT list.partial
"""


def check_columns(project: Project, erd: Erd) -> None:
    """Check the tables of all entities against the ERD. Raises `Refuted`."""
    models = project.models
    for entity in erd.entities:
        if entity.name not in models:
            what = f"model {entity.name} is missing; models: {', '.join(models) or 'none'}"
            raise refutation("columns", MODELS, what)
    more = sorted(models.keys() - {entity.name for entity in erd.entities})
    if more:
        what = f"model {', '.join(more)} is not in the ERD; expected: its entities alone"
        raise refutation("columns", MODELS, what)
    for entity in erd.entities:
        for problem in _problems(project.database, entity, erd, models):
            raise refutation("columns", MODELS, f"{entity.name}{problem}")


def _problems(
    probe: ProbeClient, entity: Entity, erd: Erd, models: Mapping[str, Model]
) -> Iterator[str]:
    """Problems of the tables of an entity, as the text after its name."""
    model = models[entity.name]
    columns, unique = probe.columns(model.table), _unique(probe, model.table)
    keys = {key.column: key.table for key in probe.keys(model.table)}
    for field in entity.fields:
        declared, allowed = columns.get(field.name), _types(field)
        if declared is not None and declared.type.lower() not in allowed:
            yield f".{field.name} is {declared.type}; expected: {allowed[0]}"
    wanted = {field.name: (field.null, field.unique) for field in entity.fields}
    wanted |= {
        f"{relation.name}_id": (relation.null, relation.kind == "one_to_one")
        for relation in entity.ones
    }
    for column, (null, is_unique) in wanted.items():
        if column not in columns:
            yield f": table {model.table} has no column {column}"
        elif bool(columns[column].notnull) is null:
            what, expected = ("NOT NULL", "null=True") if null else ("nullable", "null=False")
            yield f".{column} is {what}; expected: {expected}"
        elif (column in unique) is not is_unique:
            what, expected = ("not unique", "unique") if is_unique else ("unique", "not unique")
            yield f".{column} is {what}; expected: {expected}"
    for column in sorted(columns.keys() - wanted.keys() - {"id"}):
        yield f": table {model.table} has the column {column}, which is not in the ERD"
    for relation in entity.ones:
        table = models[relation.to].table
        if keys.get(f"{relation.name}_id") != table:
            actual = keys.get(f"{relation.name}_id", "no table")
            yield f".{relation.name} references {actual}; expected: {table}"
    for relation in entity.manys:
        yield from _join_table_problems(probe, entity, relation, erd, models)


def _types(field: Value) -> tuple[str, ...]:
    """Types that Django declares for a column (django.db.backends.sqlite3, `data_types`)."""
    if field.length is not None:
        return (f"varchar({field.length})",)
    return _DECLARED.get(field.type, (field.type,))


def _join_table_problems(
    probe: ProbeClient, entity: Entity, relation: Relation, erd: Erd, models: Mapping[str, Model]
) -> Iterator[str]:
    """Problems of the join table of a many-to-many, as the text after the name of the entity."""
    join = models[entity.name].join_tables.get(relation.name)
    where = f".{relation.name}"
    if join is None:
        yield f"{where} is missing; expected: a ManyToManyField"
        return
    if join.through != relation.through:
        expected = _through(relation.through)
        yield f"{where} goes through {_through(join.through)}; expected: {expected}"
        return
    keys = {key.column: key.table for key in probe.keys(join.table)}
    tables = {join.own: models[entity.name].table, join.other: models[relation.to].table}
    for column, table in tables.items():
        if keys.get(column) != table:
            actual = keys.get(column, "no table")
            yield f"{where}: {join.table}.{column} references {actual}; expected: {table}"
    if relation.through is not None:
        ends = ends_of(entity, relation, erd.entity(relation.through))
        if (join.own, join.other) != tuple(f"{end}_id" for end in ends):
            yield f"{where} uses {_ends(join)} of {relation.through}; expected: {ends}"


def _through(name: str | None) -> str:
    return name or "Django's automatic table"


def _ends(join: JoinTable) -> tuple[str, str]:
    return join.own.removesuffix("_id"), join.other.removesuffix("_id")


def _unique(probe: ProbeClient, table: str) -> set[str]:
    """Columns with a unique index of only this column."""
    rows = probe.query(_UNIQUE, [table])
    count = Counter(str(row.get("name")) for row in rows)
    return {str(row.get("part")) for row in rows if count[str(row.get("name"))] == 1}
