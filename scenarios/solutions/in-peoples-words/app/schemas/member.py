"""SQLite schema of members."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    date_joined TEXT NOT NULL,
    active INTEGER NOT NULL
);
"""

# What an older table may lack, as ALTER TABLE accepts it.
ADDED_COLUMNS = {
    "members": {
        "name": ("TEXT NOT NULL DEFAULT ''"),
        "email": ("TEXT NOT NULL DEFAULT ''"),
        "date_joined": ("TEXT NOT NULL DEFAULT '1970-01-01'"),
        "active": ("INTEGER NOT NULL DEFAULT 0"),
    },
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create missing tables and add missing columns; all rows stay."""
    connection.executescript(SCHEMA)
    for table, columns in ADDED_COLUMNS.items():
        rows = connection.execute(f'PRAGMA table_info("{table}")')
        present = {row[1] for row in rows}
        for name, declaration in columns.items():
            if name not in present:
                connection.execute(
                    f'ALTER TABLE "{table}" '
                    f'ADD COLUMN "{name}" {declaration}'
                )
    connection.commit()
