"""Tables made from a specification, in a real SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence

import pytest

from flagbench.acceptance.crud import ddl
from flagbench.acceptance.crud.tables import affinity
from flagbench.scenario.specification import TYPES, Entity

TAG = Entity.model_validate({"entity": "Tag", "attributes": {"label": "string"}})
# A table, and attributes, whose names are words of SQL.
ORDER = Entity.model_validate(
    {
        "entity": "Order",
        "table": "order",
        "attributes": {"group": "string", "select": "optional integer"},
        "relations": {
            "tag": {"kind": "many_to_one", "target": "Tag", "required": True},
            "parent": {"kind": "many_to_one", "target": "Order"},
            "tags": {"kind": "many_to_many", "target": "Tag"},
            "lines": {"kind": "one_to_many", "attributes": {"index": "integer"}},
        },
    }
)


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """An empty database that enforces foreign keys."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()


def create(database: sqlite3.Connection, entity: Entity, related: Sequence[Entity] = ()) -> None:
    """Run the statements."""
    for statement in ddl.statements(entity, related):
        database.execute(statement)


def tables(database: sqlite3.Connection) -> set[str]:
    """The tables that were made."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return {name for (name,) in rows}


def test_every_type_has_its_column(database: sqlite3.Connection) -> None:
    """Of the affinity that the checks demand, NOT NULL where it is required."""
    attributes = {name: name for name in TYPES}
    attributes |= {f"{name}_or_none": f"optional {name}" for name in TYPES}
    create(database, Entity.model_validate({"entity": "Thing", "attributes": attributes}))
    found = {
        name: (affinity(declared), bool(notnull))
        for _, name, declared, notnull, _, _ in database.execute("PRAGMA table_info(things)")
    }
    numbers = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
    wanted = {name: (numbers.get(name, "TEXT"), True) for name in TYPES}
    wanted |= {f"{name}_or_none": (numbers.get(name, "TEXT"), False) for name in TYPES}
    assert found == {"id": ("INTEGER", False), **wanted}


def test_relations_have_their_keys_and_tables(database: sqlite3.Connection) -> None:
    """Names may be words of SQL; a second time nothing happens."""
    for _ in range(2):
        create(database, TAG)
        create(database, ORDER, (TAG,))
    assert tables(database) == {"tags", "order", "order_tags", "order_lines"}
    keys = {
        table: {row[3]: row[2] for row in database.execute(f'PRAGMA foreign_key_list("{table}")')}
        for table in tables(database)
    }
    assert keys == {
        "tags": {},
        "order": {"tag_id": "tags", "parent_id": "order"},
        "order_tags": {"order_id": "order", "tag_id": "tags"},
        "order_lines": {"order_id": "order"},
    }
    columns = {row[1]: row[3] for row in database.execute('PRAGMA table_info("order")')}
    assert (columns["tag_id"], columns["parent_id"]) == (1, 0)


def test_links_and_children_go_with_their_row(database: sqlite3.Connection) -> None:
    """And a link stands there once."""
    create(database, TAG)
    create(database, ORDER, (TAG,))
    database.execute("INSERT INTO tags (label) VALUES ('a')")
    database.execute("""INSERT INTO "order" ("group", tag_id) VALUES ('g', 1)""")
    database.execute("INSERT INTO order_tags VALUES (1, 1)")
    database.execute("""INSERT INTO order_lines (order_id, "index") VALUES (1, 3)""")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO order_tags VALUES (1, 1)")
    database.execute('DELETE FROM "order"')
    assert database.execute("SELECT * FROM order_tags").fetchall() == []
    assert database.execute("SELECT * FROM order_lines").fetchall() == []


def test_a_relation_to_an_entity_that_is_not_there_is_left_out(
    database: sqlite3.Connection,
) -> None:
    """What one request made knows nothing of later ones."""
    create(database, ORDER)
    assert tables(database) == {"order", "order_lines"}
    columns = [row[1] for row in database.execute('PRAGMA table_info("order")')]
    assert columns == ["id", "group", "select", "parent_id"]


def test_the_module_is_one_of_the_application(database: sqlite3.Connection) -> None:
    """It migrates, and does so again."""
    names: dict[str, object] = {}
    for one, related in ((TAG, ()), (ORDER, (TAG,))):
        exec(ddl.module(one, related), names)  # noqa: S102  that is what the sandbox does with it
        migrate = names["migrate"]
        assert callable(migrate)
        migrate(database)
        migrate(database)
    assert tables(database) == {"tags", "order", "order_tags", "order_lines"}
