"""The judge of schemas, on a real SQLite: each migration below is right or wrong in one thing."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from scripted_child import Database, Migration, probe_client, tables

from flagbench.acceptance.crud import ddl, sqlite_schema
from flagbench.acceptance.crud.tables import affinity
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import ALL
from flagbench.scenario.specification import TYPES, Entity

TAG = Entity.model_validate({"entity": "Tag", "attributes": {"label": "string"}})
BOOK = Entity.model_validate(
    {"entity": "Book", "attributes": {"title": "string", "pages": "optional integer"}}
)
# The same after a further request.
LATER = Entity.model_validate(
    {
        "entity": "Book",
        "attributes": {"title": "string", "pages": "optional integer", "price": "number"},
        "relations": {
            "topic": {"kind": "many_to_one", "target": "Tag"},
            "tags": {"kind": "many_to_many", "target": "Tag"},
            "notes": {"kind": "one_to_many", "attributes": {"text": "text"}},
        },
    }
)
BOOKS = "id INTEGER PRIMARY KEY, title TEXT NOT NULL, pages INTEGER"
CASE = Case("sqlite-schema", "app/schemas/book.py", BOOK, (), None, {})
FURTHER = replace(CASE, entity=LATER, related=(TAG,), before=BOOK)


def judge(case: Case, migration: Migration, **scripts: Callable[..., Any]) -> str:
    """The check that fails, with its message; empty if none does."""
    try:
        sqlite_schema.judge(case, probe_client(Database(migration, **scripts)), {}, ALL)
    except Refuted as refuted:
        return f"{refuted.check}: {refuted.message}"
    return ""


def sql(*statements: str) -> Migration:
    """A migration of these statements."""

    def migrate(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return migrate


def create(columns: str, name: str = "books") -> Migration:
    """A migration that creates one table."""
    return sql(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")


@pytest.mark.parametrize(
    ("declared", "found"),
    # The table of https://www.sqlite.org/datatype3.html#affinity_name_examples, and its traps.
    [("INT", "INTEGER"), ("INTEGER", "INTEGER"), ("TINYINT", "INTEGER"), ("BIGINT", "INTEGER"),
     ("UNSIGNED BIG INT", "INTEGER"), ("INT8", "INTEGER"), ("CHARACTER(20)", "TEXT"),
     ("VARCHAR(255)", "TEXT"), ("NATIVE CHARACTER(70)", "TEXT"), ("CLOB", "TEXT"),
     ("text", "TEXT"), ("BLOB", "BLOB"), ("", "BLOB"), ("REAL", "REAL"), ("DOUBLE", "REAL"),
     ("DOUBLE PRECISION", "REAL"), ("FLOAT", "REAL"), ("NUMERIC", "NUMERIC"),
     ("DECIMAL(10,5)", "NUMERIC"), ("BOOLEAN", "NUMERIC"), ("DATE", "NUMERIC"),
     ("DATETIME", "NUMERIC"), ("STRING", "NUMERIC"), ("FLOATING POINT", "INTEGER"),
     ("CHARINT", "INTEGER")],
)  # fmt: skip
def test_affinity_is_as_sqlite_has_it(declared: str, found: str) -> None:
    """As documented, and as SQLite itself does with a text of digits."""
    assert affinity(declared) == found
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE t (x {declared})")
    connection.execute("INSERT INTO t VALUES ('7')")
    ((kind,),) = connection.execute("SELECT typeof(x) FROM t")
    numbers = {"INTEGER": "integer", "NUMERIC": "integer", "REAL": "real"}
    assert kind == numbers.get(found, "text")
    connection.close()


@pytest.mark.parametrize("case", [CASE, replace(CASE, entity=LATER, related=(TAG,))])
def test_tables_as_specified_are_accepted(case: Case) -> None:
    """New ones, and a second migration."""
    assert judge(case, tables(case.entity, case.related)) == ""


def test_a_required_link_has_its_target_first() -> None:
    """A row that must point at one is only taken with it."""
    shelf = Entity.model_validate(
        {"entity": "Shelf", "table": "shelves", "attributes": {"order": "integer"},
         "relations": {"tag": {"kind": "many_to_one", "target": "Tag", "required": True}}}
    )  # fmt: skip
    case = replace(CASE, entity=shelf, related=(TAG,), before=shelf)
    assert judge(case, tables(shelf, (TAG,))) == ""


FURTHER_TABLES = tables(LATER, (TAG,))
_NEW = ("price REAL NOT NULL DEFAULT 0", "topic_id INTEGER REFERENCES tags (id)")


def further(connection: sqlite3.Connection) -> None:
    """A right migration of the older table."""
    FURTHER_TABLES(connection)
    present = {row[1] for row in connection.execute("PRAGMA table_info(books)")}
    for column in _NEW:
        if column.split()[0] not in present:
            connection.execute(f"ALTER TABLE books ADD COLUMN {column}")


def test_an_older_table_that_gets_its_columns_is_accepted() -> None:
    """Its row is kept, the new ones have defaults."""
    assert judge(FURTHER, further) == ""


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("", "loads: migrate() raised OperationalError"),
        ("id INTEGER PRIMARY KEY, pages INTEGER", "columns: table books lacks title"),
        ("id INTEGER PRIMARY KEY", "columns: table books lacks title, pages"),
        (f"{BOOKS}, isbn TEXT NOT NULL", "columns: table books requires isbn"),
        (BOOKS.replace("TEXT", "INTEGER"), "types: books.title is declared INTEGER"),
        (BOOKS.replace("TEXT", ""), "types: books.title is declared without a type"),
        (BOOKS.replace("pages INTEGER", "pages REAL"),
         "types: books.pages is declared REAL; expected: INTEGER"),
        (BOOKS.replace("title TEXT NOT NULL", "title TEXT"), "expected: NOT NULL"),
        (f"{BOOKS} NOT NULL", "not-null: books.pages is NOT NULL; expected: nullable"),
        (f"{BOOKS}, CHECK (pages > 1000)", "columns: a valid row is rejected: IntegrityError"),
        (f"{BOOKS}, CHECK (pages > 0)", "columns: a valid row is rejected: IntegrityError"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refuted(columns: str, told: str) -> None:
    """With the column and what would be right."""
    assert told in judge(CASE, create(columns))


def test_a_further_column_with_a_default_is_allowed() -> None:
    """Nobody has to fill it."""
    more = "made TEXT NOT NULL DEFAULT '', by TEXT"
    assert judge(CASE, create(f"{BOOKS}, {more}")) == ""


def test_a_table_of_another_name_is_refuted() -> None:
    """It is told which one is missing."""
    assert judge(CASE, create(BOOKS, "book")) == "columns: table books is missing"
    assert judge(CASE, sql()) == "columns: table books is missing"


@pytest.mark.parametrize(
    ("link", "told"),
    [("topic_id INTEGER", "books.topic_id is not a foreign key; expected: tags"),
     ("topic_id INTEGER REFERENCES books (id)",
      "books.topic_id references books; expected: tags")],
)  # fmt: skip
def test_a_wrong_key_is_refuted(link: str, told: str) -> None:
    """A column of the right name is not enough."""
    one = LATER.model_copy(update={"relations": {"topic": LATER.relations["topic"]}})
    price = "price REAL NOT NULL"
    case = replace(CASE, entity=one, related=(TAG,))
    tags = "CREATE TABLE IF NOT EXISTS tags (id INTEGER PRIMARY KEY, label TEXT NOT NULL)"
    migration = sql(tags, f"CREATE TABLE IF NOT EXISTS books ({BOOKS}, {price}, {link})")
    assert judge(case, migration) == f"foreign-keys: {told}"


@pytest.mark.parametrize("table", ["books_tags", "books_notes"])
def test_the_tables_of_relations_are_needed(table: str) -> None:
    """Links of many to many, and children."""

    def migrate(connection: sqlite3.Connection) -> None:
        FURTHER_TABLES(connection)
        connection.execute(f"DROP TABLE {table}")

    case = replace(CASE, entity=LATER, related=(TAG,))
    assert judge(case, migrate) == f"columns: table {table} is missing"


@pytest.mark.parametrize("declared", ["UNIQUE", "NOT NULL UNIQUE"])
def test_a_value_that_may_occur_twice_is_not_unique(declared: str) -> None:
    """Unless the specification says that it is."""
    table = create(BOOKS.replace("title TEXT NOT NULL", f"title TEXT NOT NULL {declared}"))
    told = judge(CASE, table)
    assert told.startswith("columns: a row with the values of another one is rejected: ")
    unique = BOOK.model_copy(update={"unique": ["title"]})
    assert judge(replace(CASE, entity=unique), table) == ""


def test_a_target_that_many_may_have_is_not_unique() -> None:
    """Many rows point at the same one."""
    told = judge(WRITTEN, edited("topic_id INTEGER", "topic_id INTEGER UNIQUE"))
    assert told.startswith("columns: a row with the values of another one is rejected: ")


def edited(old: str, new: str, *more: str) -> Migration:
    """A migration of the tables of the later books, with one text in them replaced."""
    made = [text for entity in (TAG, LATER) for text in ddl.statements(entity, (TAG, LATER))]
    assert any(old in text for text in made)
    return sql(*more, *(text.replace(old, new) for text in made))


WRITTEN = replace(CASE, entity=LATER, related=(TAG,))


@pytest.mark.parametrize(
    ("old", "told"),
    [
        (f"{_column} INTEGER NOT NULL REFERENCES {_quoted}(id) ON DELETE CASCADE",
         f"foreign-keys: {_where} says ON DELETE NO ACTION; expected: CASCADE")
        for _column, _quoted, _where in (
            ("book_id", '"books"', "books_tags.book_id"), ("tag_id", '"tags"', "books_tags.tag_id"))
    ],
)  # fmt: skip
def test_links_and_children_go_with_their_rows(old: str, told: str) -> None:
    """Otherwise rows stay that belong to none, or nothing can be deleted."""
    assert judge(WRITTEN, edited(old, old.removesuffix(" ON DELETE CASCADE"))).startswith(told)


SET_NULL = " ON DELETE SET NULL"
CASCADES = "keys: books.topic_id says ON DELETE CASCADE; expected: "


@pytest.mark.parametrize(
    ("required", "new", "told"),
    [
        (False, "", "foreign-keys: books.topic_id says ON DELETE NO ACTION; expected: SET NULL"),
        (False, " ON DELETE CASCADE", f"foreign-{CASCADES}SET NULL, since the row stays"),
        (True, " ON DELETE CASCADE", f"foreign-{CASCADES}NO ACTION or RESTRICT, since a row"),
        (True, " ON DELETE RESTRICT", ""),
    ],
)
def test_a_row_stays_when_its_target_is_deleted(required: bool, new: str, told: str) -> None:
    """Without it, or with the target, which a required relation keeps."""
    topic = LATER.relations["topic"].model_copy(update={"required": required})
    later = LATER.model_copy(update={"relations": {**LATER.relations, "topic": topic}})
    made = [text for entity in (TAG, later) for text in ddl.statements(entity, (TAG, later))]
    old = 'REFERENCES "tags"(id)'
    at = next(number for number, text in enumerate(made) if "topic_id" in text)
    made[at] = made[at].replace(SET_NULL, "").replace(old, f"{old}{new}")
    found = judge(replace(WRITTEN, entity=later), sql(*made))
    assert found.startswith(told)
    assert bool(found) is bool(told)


def test_the_same_two_are_linked_once() -> None:
    """The columns of a link table are its key, or unique together with another key."""
    key, more = "PRIMARY KEY (book_id, tag_id)", "id INTEGER PRIMARY KEY"
    told = judge(WRITTEN, edited(key, more))
    assert told == (
        "foreign-keys: table books_tags takes the same book_id and tag_id twice; "
        "expected: both together are its key"
    )
    assert judge(WRITTEN, edited(key, f"{more}, UNIQUE (book_id, tag_id)")) == ""


@pytest.mark.parametrize("column", ["book_id", "tag_id"])
def test_many_are_linked_to_many(column: str) -> None:
    """A key of one column alone leaves each row one link."""
    told = judge(WRITTEN, edited("PRIMARY KEY (book_id, tag_id)", f"PRIMARY KEY ({column})"))
    assert told.startswith("foreign-keys: table books_tags refuses a second book_id or tag_id: ")


def test_a_new_row_must_bring_what_is_required() -> None:
    """A default in a new table would stand in for it; a migrated table needs one."""
    table = create(BOOKS.replace("title TEXT NOT NULL", "title TEXT NOT NULL DEFAULT ''"))
    told = "not-null: books.title is required and has the default ''; expected: none in a new table"
    assert judge(CASE, table) == told


@pytest.mark.parametrize(
    ("price", "topic", "told"),
    [
        ("REAL NOT NULL DEFAULT 0", "INTEGER REFERENCES tags", ""),
        ("REAL DEFAULT 0", "INTEGER REFERENCES tags", "not-null: books.price may be NULL"),
        ("REAL NOT NULL DEFAULT 0", "INTEGER", "foreign-keys: books.topic_id is not a foreign key"),
    ],
)
def test_a_migrated_table_is_as_strict_as_a_new_one(price: str, topic: str, told: str) -> None:
    """What is added to an older table holds for the rows to come."""

    def migrate(connection: sqlite3.Connection) -> None:
        present = {row[1] for row in connection.execute("PRAGMA table_info(books)")}
        if present and "price" not in present:
            connection.execute(f"ALTER TABLE books ADD COLUMN price {price}")
            connection.execute(f"ALTER TABLE books ADD COLUMN topic_id {topic}")
        FURTHER_TABLES(connection)

    found = judge(FURTHER, migrate)
    assert found.startswith(told)
    assert bool(found) is bool(told)


@pytest.mark.parametrize("table", ["books_tags", "books_notes"])
def test_links_and_children_are_kept(table: str) -> None:
    """Starting the application does not empty them."""
    told = judge(WRITTEN, edited("x", "x", f"DROP TABLE IF EXISTS {table}"))
    assert told == f"keeps-rows: {table} has 0 rows after migrate(); expected: 1"


@pytest.mark.parametrize(
    ("required", "old", "told"),
    [(True, "NOT NULL REFERENCES", "not-null: books.topic_id may be NULL; expected: NOT NULL"),
     (False, "REFERENCES", "not-null: books.topic_id is NOT NULL; expected: nullable")],
)  # fmt: skip
def test_a_key_is_required_as_its_relation_is(required: bool, old: str, told: str) -> None:
    """A row that needs its target is not taken without."""
    relation = LATER.relations["topic"].model_copy(update={"required": required})
    book = LATER.model_copy(update={"relations": {"topic": relation}})
    made = [text for entity in (TAG, book) for text in ddl.statements(entity, (TAG, book))]
    new = "REFERENCES" if required else "NOT NULL REFERENCES"
    case = replace(WRITTEN, entity=book)
    assert judge(case, sql(*made)) == ""
    assert judge(case, sql(*(text.replace(old, new) for text in made))) == told


def test_a_second_migration_that_fails_is_refuted() -> None:
    """An application migrates at each start."""
    told = judge(CASE, sql(f"CREATE TABLE books ({BOOKS})"))
    assert told.startswith("idempotent: migrate() raised OperationalError: table books already")


@pytest.mark.parametrize(
    ("harm", "told"),
    [("DROP TABLE IF EXISTS books", "rows after migrate() are []"),
     ("UPDATE books SET title = 'lost'", "'title': 'lost'"),
     ("INSERT INTO books (title) VALUES ('more')", "'more'")],
)  # fmt: skip
def test_a_migration_that_harms_rows_is_refuted(harm: str, told: str) -> None:
    """Dropped, changed, or one more than there was."""
    has_run = []

    def migrate(connection: sqlite3.Connection) -> None:
        if has_run:
            connection.execute(harm)
        connection.execute(f"CREATE TABLE IF NOT EXISTS books ({BOOKS})")
        has_run.append(True)

    found = judge(CASE, migrate)
    assert found.startswith("keeps-rows: the rows after migrate() are [")
    assert told in found


@pytest.mark.parametrize(
    ("migration", "told"),
    [
        (FURTHER_TABLES, "columns: table books lacks price, topic_id"),
        (sql("DROP TABLE IF EXISTS books"), "columns: table books is missing"),
    ],
)
def test_an_older_table_that_stays_as_it_was_is_refuted(migration: Migration, told: str) -> None:
    """CREATE TABLE IF NOT EXISTS does nothing for it."""
    assert told in judge(FURTHER, migration)


def test_an_older_table_that_is_made_anew_is_refuted() -> None:
    """Its rows were a user's."""

    def migrate(connection: sqlite3.Connection) -> None:
        present = {row[1] for row in connection.execute("PRAGMA table_info(books)")}
        if present and "price" not in present:
            connection.execute("DROP TABLE books")
        FURTHER_TABLES(connection)

    assert "rows after migrate() are []" in judge(FURTHER, migrate)


def test_a_new_required_value_must_not_be_empty_in_older_rows() -> None:
    """A row that the API could not answer any more."""

    def migrate(connection: sqlite3.Connection) -> None:
        present = {row[1] for row in connection.execute("PRAGMA table_info(books)")}
        if present and "price" not in present:
            connection.execute("ALTER TABLE books ADD COLUMN price REAL")
            connection.execute("ALTER TABLE books ADD COLUMN topic_id INTEGER REFERENCES tags")
        FURTHER_TABLES(connection)

    assert judge(FURTHER, migrate) == "keeps-rows: an older row has no price after migrate()"


def test_the_older_database_is_another_one() -> None:
    """The new tables of the first part are not in it."""
    child = Database(further)
    sqlite_schema.judge(FURTHER, probe_client(child), {}, ALL)
    assert [one["name"] for one in child.asked if one["do"] == "use"] == ["older.db"]
    assert [one["modules"] for one in child.asked if one["do"] == "migrate"] == [
        ["tag", "book"]
    ] * 3


def test_a_migration_that_raises_is_told() -> None:
    """In its own words."""

    def broken(modules: list[str]) -> None:
        raise Raised("ImportError", "no module named moon")

    told = judge(CASE, sql(), migrate=broken)
    assert told == "loads: migrate() raised ImportError: no module named moon"


def test_every_type_of_value_is_kept() -> None:
    """A row with all of them, in every column that is allowed for it."""
    one = Entity.model_validate({"entity": "Thing", "attributes": {name: name for name in TYPES}})
    case = replace(CASE, entity=one)
    assert judge(case, tables(one)) == ""
    declared = {"integer": "BIGINT", "number": "DECIMAL", "boolean": "BOOLEAN", "date": "DATE",
                "datetime": "TIMESTAMP"}  # fmt: skip
    columns = ", ".join(f"{name} {declared.get(name, 'VARCHAR(80)')} NOT NULL" for name in TYPES)
    assert judge(case, create(f"id INTEGER PRIMARY KEY, {columns}", "things")) == ""
