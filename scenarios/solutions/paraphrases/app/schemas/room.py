"""The table of rooms."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS rooms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL,
    capacity INTEGER NOT NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "number": "TEXT NOT NULL DEFAULT ''",
    "capacity": "INTEGER NOT NULL DEFAULT 0",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('rooms')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE rooms ADD COLUMN {name} {declared}"
            )
    connection.commit()
