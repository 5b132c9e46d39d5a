"""A project before anybody uses it: Django's checks, migrations, tables, what models refuse."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from harness.acceptance.asking import Asker
from harness.acceptance.django import samples
from harness.acceptance.django.api import FILES, MODELS, refuted
from harness.acceptance.django.asking import Link, Message, Model, Project
from harness.acceptance.django.erd import Entity, Erd, Relation, ends_of
from harness.acceptance.proof import Refuted
from harness.acceptance.sandbox import Raised

# django.core.checks.WARNING
_WARNING = 30
# "Fixed default value provided": right where the ERD asks for a day that is about today.
_NEAR_TODAY = "fields.W161"
_UNIQUE = """
    SELECT one.name AS name, part.name AS part
    FROM pragma_index_list(?) AS one, pragma_index_info(one.name) AS part
    WHERE one."unique" AND NOT one.partial
"""


def check_bandit(asker: Asker) -> None:
    """No file does what bandit finds to be of high severity."""
    for path in FILES:
        found = asker.dangers(path)
        if found:
            raise refuted("bandit", path, "; ".join(found[:3]))


def check_structure(project: Project, erd: Erd) -> None:
    """From the first import to tables that are as the ERD has them."""
    try:
        messages = project.check()
    except Raised as raised:
        raise _blamed("check", f"the project does not start: {raised}", raised) from raised
    for one in messages:
        if one.level >= _WARNING and not _is_as_asked(one, erd):
            raise refuted("check", _file_of(one), f"{one.about}: {one.text} ({one.id})")
    try:
        migrations = project.migrations()
    except Raised as raised:
        raise _blamed("migrations", f"makemigrations raised {raised}", raised) from raised
    if not migrations.made:
        what = "makemigrations writes nothing; right would be a migration with the models"
        raise refuted("migrations", MODELS, what)
    if migrations.changes:
        what = f"makemigrations finds changes when it is run again: {migrations.changes[0]}"
        why = "a value that is made at import is another one each time"
        raise refuted("migrations", MODELS, f"{what}; {why}")
    try:
        project.migrate()
    except Raised as raised:
        raise _blamed("migrate", f"migrate raised {raised}", raised) from raised


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


def check_models(project: Project, erd: Erd) -> None:
    """Models order their rows, say what they are, and refuse what their fields do not allow."""
    models = project.models
    for entity in erd.entities:
        if models[entity.name].ordering != ["id"]:
            what = f"{entity.name}.Meta.ordering is {models[entity.name].ordering}"
            raise refuted("models-keep", MODELS, f'{what}; right would be ["id"]')
        if not models[entity.name].is_told:
            raise refuted("models-keep", MODELS, f"{entity.name} has no __str__ of its own")
        _check_right(project, entity)
        _check_wrong(project, entity)


def _check_right(project: Project, entity: Entity) -> None:
    """Every choice, and one value of each other field."""
    for row in range(max((len(one.choices) for one in entity.fields), default=0) or 1):
        right = {one.name: samples.value(one, row + 1) for one in entity.fields}
        for name, told in _refused(project, entity, right).items():
            if name in right:
                what = f"full_clean refuses {entity.name}.{name} {right[name]!r}: {'; '.join(told)}"
                raise refuted("models-keep", MODELS, what)


def _check_wrong(project: Project, entity: Entity) -> None:
    """Each round has one wrong value of every field that still has one.

    Types are the matter of serializers, and null that of columns: full_clean skips what may be
    blank.
    """
    rounds = [
        [(bad, why) for bad, why in list(samples.wrong(one))[1:] if bad is not None]
        for one in entity.fields
    ]
    for number in range(max(map(len, rounds), default=0)):
        wrong = {
            one.name: left[number]
            for one, left in zip(entity.fields, rounds, strict=True)
            if number < len(left)
        }
        told = _refused(project, entity, {name: bad for name, (bad, _) in wrong.items()})
        for name, (bad, why) in wrong.items():
            if name not in told:
                what = f"full_clean takes {str(bad)[:80]!r} for {entity.name}.{name}, {why}"
                raise refuted("models-keep", MODELS, what)


def _refused(
    project: Project, entity: Entity, values: Mapping[str, object]
) -> Mapping[str, list[str]]:
    try:
        return project.refused(entity.name, values)
    except Raised as raised:
        what = f"full_clean of a {entity.name} raised {raised}"
        raise _blamed("models-keep", what, raised) from raised


def _in_tables(
    asker: Asker, entity: Entity, erd: Erd, models: Mapping[str, Model]
) -> Iterator[str]:
    """What is wrong with the tables of an entity, behind its name."""
    model = models[entity.name]
    columns, unique = asker.columns(model.table), _unique(asker, model.table)
    keys = {one.column: one.table for one in asker.keys(model.table)}
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


def _in_links(
    asker: Asker, entity: Entity, relation: Relation, erd: Erd, models: Mapping[str, Model]
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


def _unique(asker: Asker, table: str) -> set[str]:
    """The columns that alone are unique."""
    rows = asker.query(_UNIQUE, [table])
    count = Counter(str(one.get("name")) for one in rows)
    return {str(one.get("part")) for one in rows if count[str(one.get("name"))] == 1}


def _is_as_asked(message: Message, erd: Erd) -> bool:
    """Whether a warning is about a default that the ERD asks for."""
    if message.id != _NEAR_TODAY:
        return False
    model, _, field = message.about.removeprefix("api.").partition(".")
    return any(
        (entity.name, one.name) == (model, field) and one.default is not None
        for entity in erd.entities
        for one in entity.fields
    )


def _file_of(message: Message) -> str:
    """The file that a check of Django's is about: the models unless it is of other things."""
    named = re.match(r"(urls|templates|security|rest_framework)", message.id)
    return "api/urls.py" if named else MODELS


def _blamed(check: str, message: str, raised: Raised) -> Refuted:
    """A finding in the last file of the project that an exception went through."""
    lines = re.findall(r'File "[^"]*?/((?:api|config)/\w+\.py)", line (\d+)', raised.traceback_text)
    path, line = lines[-1] if lines else (MODELS, "")
    return refuted(check, path, message + (f" (line {line})" if line else ""))
