"""DBML as an ERD, read by pydbml."""

import pyparsing

from generator.erd.dbml_lines import Lines
from generator.erd.dbml_tables import Tables
from generator.erd.imported import Draft, DraftEntity, Imported, erd_name
from generator.erd.problem import ErdErrors, Problem
from generator.erd.pydbml_whole import Database, parse


def from_dbml(text: str, *, name: str = "imported") -> Imported:
    """The ERD of a DBML text; `name` is its name where there is no Project.

    A column with a ref is a relation named after the column (`author_id`: author). Columns may be
    null unless they say not null, as in SQL; and as there, what is referred to cannot be deleted
    unless the ref says so: such a ref is `protect`.

    Raises `ErdErrors` with the line of everything that is wrong; pydbml stops at the first.
    """
    lines = Lines(text)
    database = _parsed(text, lines)
    if not database.tables:
        raise ErdErrors([Problem((), "there are no tables", "e.g. Table users { … }", 1)])
    draft = Draft()
    written = Tables(draft, database, lines)
    for table in database.tables:
        line = lines.of_table(table.name)
        entity = DraftEntity(draft.entity_named(table.name, line), line)
        draft.entities.append(entity)
        written.entities[table.full_name] = entity
    written.sort_refs()
    for table in database.tables:
        written.fill(table)
    written.join()
    _tell_the_rest(draft, database, lines)
    return draft.finished(erd_name(database.project.name if database.project else name))


def _parsed(text: str, lines: Lines) -> Database:
    try:
        return parse(text.replace("\r\n", "\n"))
    except pyparsing.ParseBaseException as error:
        row = error.line.strip()
        what = f"not valid DBML: {row}" if row else "not valid DBML: the text ends too early"
        problem = Problem((), what, line=error.lineno, column=error.column)
        raise ErdErrors([problem]) from error
    except Exception as error:  # a dozen classes without a parent of their own
        what = f"not valid DBML: {error}"
        raise ErdErrors([Problem((), what, line=lines.of_message(str(error)))]) from error


def _tell_the_rest(draft: Draft, database: Database, lines: Lines) -> None:
    """Say what no ERD has a place for."""
    lose = draft.lose
    for table in database.tables:
        line = lines.of_table(table.name)
        parts = (table, *table.columns, *table.indexes)
        if count := sum(bool(one.note) for one in parts):
            lose(line, f"the notes of {table.name} are left out ({count})")
        if table.schema != "public":
            lose(line, f"the schema {table.schema} of {table.name} is left out")
    for enum in database.enums:
        if any(one.note for one in enum.items):
            lose(lines.of_enum(enum.name), f"the notes of {enum.name} are left out")
    if names := [one.name for one in database.refs if one.name and one.type != "<>"]:
        lose(1, f"the names of refs are left out: {', '.join(names)}")
    if names := [one.name for one in database.table_groups]:
        lose(1, f"the table groups are left out: {', '.join(names)}")
    if names := [one.name for one in database.sticky_notes]:
        lose(1, f"the notes are left out: {', '.join(names)}")
    if database.project and (database.project.note or database.project.items):
        lose(1, f"of the project {database.project.name} only the name is kept")
