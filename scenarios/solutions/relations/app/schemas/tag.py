"""The table of tags."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label TEXT NOT NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {"label": "TEXT NOT NULL DEFAULT ''"}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('tags')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE tags ADD COLUMN {name} {declared}"
            )
    connection.commit()
