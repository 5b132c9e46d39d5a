"""The table of vouchers."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS vouchers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL UNIQUE,
    discount REAL NOT NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "code": "TEXT NOT NULL DEFAULT ''",
    "discount": "REAL NOT NULL DEFAULT 0",
}

# SQLite adds no UNIQUE column, and rows from before there were codes share
# the empty one.
UNIQUE_CODE = """
CREATE UNIQUE INDEX IF NOT EXISTS vouchers_code
ON vouchers (code) WHERE code <> ''
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('vouchers')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE vouchers ADD COLUMN {name} {declared}"
            )
    if "code" not in present:
        connection.execute(UNIQUE_CODE)
    connection.commit()
