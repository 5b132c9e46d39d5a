"""The database of the application: migrations of its schemas, and queries."""

import importlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def connect(name: str) -> sqlite3.Connection:
    """Connect to the file as the application does, with foreign keys enforced."""
    connection = sqlite3.connect(name)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def use(name: str) -> None:
    """Let generated code use the database in the file of this name, which is empty at first."""
    os.environ["DATABASE_PATH"] = str(Path(name).resolve())


def migrate(name: str, modules: list[str]) -> None:
    """Import the schema modules and run their migrations of a database in this order."""
    use(name)
    with closing(connect(os.environ["DATABASE_PATH"])) as connection:
        for module in modules:
            importlib.import_module(f"app.schemas.{module}").migrate(connection)


def query(name: str, sql: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    """Run one statement on a database and commit; the rows it returns."""
    with closing(connect(name)) as connection, connection:
        return [dict(row) for row in connection.execute(sql, values or [])]
