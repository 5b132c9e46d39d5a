"""The table of warehouses."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS warehouses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    city TEXT NOT NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "city": "TEXT NOT NULL DEFAULT ''",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('warehouses')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE warehouses ADD COLUMN {name} {declared}"
            )
    connection.commit()
