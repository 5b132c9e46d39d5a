"""Tables and migration for Sala."""

import sqlite3

SALAS_TABLE = """
CREATE TABLE IF NOT EXISTS salas (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    numero TEXT NOT NULL,
    capacidade INTEGER NOT NULL
)
"""

SCHEMA = SALAS_TABLE.strip() + ";\n"


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of the columns that a table has now."""
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row[1] for row in rows}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of Sala up to date without losing data."""
    cursor = connection.cursor()
    cursor.execute(SALAS_TABLE)
    existing = column_names(connection, "salas")
    if "numero" not in existing:
        cursor.execute(
            "ALTER TABLE salas ADD COLUMN numero TEXT NOT NULL " "DEFAULT ''"
        )
    if "capacidade" not in existing:
        cursor.execute(
            "ALTER TABLE salas ADD COLUMN capacidade INTEGER NOT "
            "NULL DEFAULT 0"
        )
    connection.commit()
