"""Tables and migration for Event."""

import sqlite3

EVENTS_TABLE = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    date_time TEXT NOT NULL,
    capacity INTEGER NOT NULL
)
"""

SCHEMA = EVENTS_TABLE.strip() + ";\n"


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of the columns that a table has now."""
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row[1] for row in rows}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of Event up to date without losing data."""
    cursor = connection.cursor()
    cursor.execute(EVENTS_TABLE)
    existing = column_names(connection, "events")
    if "title" not in existing:
        cursor.execute(
            "ALTER TABLE events ADD COLUMN title TEXT NOT NULL " "DEFAULT ''"
        )
    if "date_time" not in existing:
        cursor.execute(
            "ALTER TABLE events ADD COLUMN date_time TEXT NOT NULL "
            "DEFAULT '1970-01-01T00:00:00'"
        )
    if "capacity" not in existing:
        cursor.execute(
            "ALTER TABLE events ADD COLUMN capacity INTEGER NOT NULL "
            "DEFAULT 0"
        )
    connection.commit()
