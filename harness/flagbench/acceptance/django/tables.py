"""The tables of a project's models: columns, types, keys, and those of many-to-many."""

from collections import Counter
from collections.abc import Iterator, Mapping

from flagbench.acceptance.django.probe_client import Link, Model, Project
from flagbench.acceptance.django.rest_api import MODELS, refuted
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.scenario.erd import Entity, Erd, Relation, Value, ends_of

_DECLARED = {
    "integer": ("integer", "bigint"),
    "float": ("real",),
    "boolean": ("bool",),
    "uuid": ("char(32)",),
}
_UNIQUE = """
    SELECT one.name AS name, part.name AS part
    FROM pragma_index_list(?) AS one, pragma_index_info(one.name) AS part
    WHERE one."unique" AND NOT one.partial
"""


def check_columns(project: Project, erd: Erd) -> None:
    """The tables of all entities hold what the ERD says."""
    models = project.models
    for entity in erd.entities:
        if entity.name not in models:
            close = f"; models are {', '.join(models) or 'none'}"
            raise refuted("columns", MODELS, f"there is no model {entity.name}{close}")
    for entity in erd.entities:
        for problem in _in_tables(project.database, entity, erd, models):
            raise refuted("columns", MODELS, f"{entity.name}{problem}")


def _in_tables(
    asker: ProbeClient, entity: Entity, erd: Erd, models: Mapping[str, Model]
) -> Iterator[str]:
    """What is wrong with the tables of an entity, behind its name."""
    model = models[entity.name]
    columns, unique = asker.columns(model.table), _unique(asker, model.table)
    keys = {one.column: one.table for one in asker.keys(model.table)}
    for field in entity.fields:
        declared, allowed = columns.get(field.name), _types(field)
        if declared is not None and declared.type.lower() not in allowed:
            yield f".{field.name} is {declared.type}; right would be {allowed[0]}"
    wanted = {one.name: (one.null, one.unique) for one in entity.fields}
    wanted |= {f"{one.name}_id": (one.null, one.kind == "one_to_one") for one in entity.ones}
    for column, (null, is_unique) in wanted.items():
        if column not in columns:
            yield f": table {model.table} has no column {column}"
        elif bool(columns[column].notnull) is null:
            right = "null=True" if null else "without null=True"
            yield f".{column}: right would be {right}"
        elif (column in unique) is not is_unique:
            right = "unique" if is_unique else "not unique"
            yield f".{column}: right would be {right}"
    for one in entity.ones:
        right = models[one.to].table
        if keys.get(f"{one.name}_id") != right:
            points = keys.get(f"{one.name}_id", "no table")
            yield f".{one.name} leads to {points}; right would be {right}"
    for one in entity.manys:
        yield from _in_links(asker, entity, one, erd, models)


def _types(field: Value) -> tuple[str, ...]:
    """How Django declares a column on SQLite (django.db.backends.sqlite3, `data_types`)."""
    if field.length is not None:
        return (f"varchar({field.length})",)
    return _DECLARED.get(field.type, (field.type,))


def _in_links(
    asker: ProbeClient, entity: Entity, relation: Relation, erd: Erd, models: Mapping[str, Model]
) -> Iterator[str]:
    """What is wrong with the table of a many-to-many."""
    link = models[entity.name].links.get(relation.name)
    where = f".{relation.name}"
    if link is None:
        yield f"{where}: there is no such ManyToManyField"
        return
    if link.through != relation.through:
        yield f"{where} goes through {_through(link.through)}; right: {_through(relation.through)}"
        return
    keys = {one.column: one.table for one in asker.keys(link.table)}
    right = {link.own: models[entity.name].table, link.other: models[relation.to].table}
    for column, table in right.items():
        if keys.get(column) != table:
            points = keys.get(column, "no table")
            yield f"{where}: {link.table}.{column} leads to {points}; right would be {table}"
    if relation.through is not None:
        ends = ends_of(entity, relation, erd.entity(relation.through))
        if (link.own, link.other) != tuple(f"{end}_id" for end in ends):
            yield f"{where} takes {_ends(link)} of {relation.through}; right would be {ends}"


def _through(name: str | None) -> str:
    return name or "a table of Django's own"


def _ends(link: Link) -> tuple[str, str]:
    return link.own.removesuffix("_id"), link.other.removesuffix("_id")


def _unique(asker: ProbeClient, table: str) -> set[str]:
    """The columns that alone are unique."""
    rows = asker.query(_UNIQUE, [table])
    count = Counter(str(one.get("name")) for one in rows)
    return {str(one.get("part")) for one in rows if count[str(one.get("name"))] == 1}
