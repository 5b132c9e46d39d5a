"""SQLite schema of vehicles."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS vehicles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plate TEXT NOT NULL,
    brand TEXT NOT NULL,
    year INTEGER NOT NULL
);
"""

# What an older table may lack, as ALTER TABLE accepts it.
ADDED_COLUMNS = {
    "vehicles": {
        "plate": ("TEXT NOT NULL DEFAULT ''"),
        "brand": ("TEXT NOT NULL DEFAULT ''"),
        "year": ("INTEGER NOT NULL DEFAULT 0"),
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
