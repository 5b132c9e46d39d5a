"""The table of loans."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS loans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    book_title TEXT NOT NULL,
    borrower TEXT NOT NULL,
    days INTEGER NOT NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "book_title": "TEXT NOT NULL DEFAULT ''",
    "borrower": "TEXT NOT NULL DEFAULT ''",
    "days": "INTEGER NOT NULL DEFAULT 0",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('loans')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE loans ADD COLUMN {name} {declared}"
            )
    connection.commit()
