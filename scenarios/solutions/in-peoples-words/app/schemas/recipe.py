"""SQLite schema of recipes."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS recipes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS recipes_ingredients (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipe_id INTEGER NOT NULL REFERENCES recipes(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    amount REAL NOT NULL
);
"""

# What an older table may lack, as ALTER TABLE accepts it.
ADDED_COLUMNS = {
    "recipes": {
        "title": ("TEXT NOT NULL DEFAULT ''"),
    },
    "recipes_ingredients": {
        "name": ("TEXT NOT NULL DEFAULT ''"),
        "amount": ("REAL NOT NULL DEFAULT 0"),
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
