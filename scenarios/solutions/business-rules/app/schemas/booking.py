"""The table of bookings."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS bookings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room TEXT NOT NULL,
    guest TEXT NOT NULL,
    seats INTEGER NOT NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "room": "TEXT NOT NULL DEFAULT ''",
    "guest": "TEXT NOT NULL DEFAULT ''",
    "seats": "INTEGER NOT NULL DEFAULT 0",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('bookings')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE bookings ADD COLUMN {name} {declared}"
            )
    connection.commit()
