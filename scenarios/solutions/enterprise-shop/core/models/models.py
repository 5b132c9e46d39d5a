"""Entities of the shop and their tables."""

import sqlite3
from contextlib import closing

from core.config.settings import settings

# Table -> column -> type; a type that is a table is a foreign key to it.
ENTITIES = {
    "customers": {"name": "text", "email": "email"},
    "products": {"name": "text", "price": "number", "stock": "integer"},
    "orders": {
        "customer_id": "customers",
        "product_id": "products",
        "quantity": "integer",
    },
}
# The table of the persons whose data is protected.
PERSON = "customers"
# Columns that are encrypted at rest, by table.
SENSITIVE: dict[str, tuple[str, ...]] = {}

_SQL_TYPES = {
    "text": "TEXT NOT NULL",
    "email": "TEXT NOT NULL UNIQUE",
    "integer": "INTEGER NOT NULL",
    "number": "REAL NOT NULL",
    "boolean": "INTEGER NOT NULL",
}


def connect() -> sqlite3.Connection:
    """Open the database with foreign keys enforced."""
    connection = sqlite3.connect(settings.database_path)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def create_tables() -> None:
    """Create the tables that do not exist yet."""
    with closing(connect()) as connection, connection:
        for table, columns in ENTITIES.items():
            parts = [f"{name} {_sql(kind)}" for name, kind in columns.items()]
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table}"
                f" (id INTEGER PRIMARY KEY AUTOINCREMENT, {', '.join(parts)})"
            )


def _sql(kind: str) -> str:
    if kind in ENTITIES:
        return f"INTEGER NOT NULL REFERENCES {kind}(id) ON DELETE CASCADE"
    return _SQL_TYPES[kind]
