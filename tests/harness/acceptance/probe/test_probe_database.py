"""The application's database."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flagbench.acceptance.probe import database

NAME = "app.db"
PARENT = """\
def migrate(connection):
    connection.execute("CREATE TABLE IF NOT EXISTS parents (id INTEGER PRIMARY KEY, name TEXT)")
"""
CHILD = """\
def migrate(connection):
    connection.execute(
        "CREATE TABLE IF NOT EXISTS children (parent_id INTEGER REFERENCES parents (id))"
    )
    connection.execute("INSERT INTO children SELECT id FROM parents")
    connection.commit()
"""


@pytest.fixture(autouse=True)
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with two schemas, where the database lies."""
    folder = tmp_path / "an app é"
    (folder / "app/schemas").mkdir(parents=True)
    (folder / "app/schemas/parent.py").write_text(PARENT)
    (folder / "app/schemas/child.py").write_text(CHILD)
    (folder / "app/schemas/broken.py").write_text("def migrate(connection):\n    1 / 0\n")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("DATABASE_PATH", "")
    database.use("app.db")
    yield folder
    for name in [one for one in sys.modules if one.split(".")[0] == "app"]:
        del sys.modules[name]


def test_use_names_a_file_that_stays_where_it_is(
    application: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The application reads its path from the environment, wherever it goes."""
    assert os.environ["DATABASE_PATH"] == str(application / "app.db")
    monkeypatch.chdir(tmp_path)
    assert os.environ["DATABASE_PATH"] == str(application / "app.db")


def test_another_database_is_empty_at_first() -> None:
    """And the first is as it was."""
    database.query(NAME, "CREATE TABLE a (b)")
    assert database.query("older.db", "SELECT name FROM sqlite_master") == []
    assert database.query(NAME, "SELECT name FROM sqlite_master") == [{"name": "a"}]


def test_schemas_are_migrated_in_the_given_order() -> None:
    """The second needs the table of the first; again is as well."""
    database.migrate(NAME, ["parent", "child"])
    database.query(NAME, "INSERT INTO parents (name) VALUES (?)", ["Ada"])
    database.migrate(NAME, ["parent", "child"])
    assert database.query(NAME, "SELECT * FROM children") == [{"parent_id": 1}]
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.migrate("other.db", ["child", "parent"])


def test_what_a_schema_raises_goes_through() -> None:
    """An exception of its own, or that there is none."""
    with pytest.raises(ZeroDivisionError):
        database.migrate(NAME, ["broken"])
    with pytest.raises(ModuleNotFoundError):
        database.migrate(NAME, ["nothing"])


def test_a_statement_is_committed_and_tells_its_rows() -> None:
    """With values of their types, columns by name."""
    database.query(NAME, "CREATE TABLE a (b, c)")
    assert database.query(NAME, "INSERT INTO a VALUES (?, ?)", [1, "é"]) == []
    assert database.query(NAME, "SELECT c, b, NULL AS d FROM a") == [{"c": "é", "b": 1, "d": None}]


def test_a_statement_that_fails_changes_nothing() -> None:
    """A row that points at nothing is not taken: foreign keys are enforced."""
    database.migrate(NAME, ["parent", "child"])
    with pytest.raises(sqlite3.IntegrityError):
        database.query(NAME, "INSERT INTO children VALUES (5)")
    assert database.query(NAME, "SELECT count(*) AS n FROM children") == [{"n": 0}]
