"""The tables of members and of the books that they have."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS members (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    joining_date TEXT NOT NULL,
    phone TEXT
);
CREATE TABLE IF NOT EXISTS members_books (
    member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    book_id INTEGER NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    PRIMARY KEY (member_id, book_id)
);
"""

# What an older table may lack. The defaults fill the rows that it holds; the
# date is one, so that these rows can be read as members.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "email": "TEXT NOT NULL DEFAULT ''",
    "joining_date": "TEXT NOT NULL DEFAULT '1970-01-01'",
    "phone": "TEXT",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the tables, or give older ones the columns that they lack."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('members')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE members ADD COLUMN {name} {declared}"
            )
    connection.commit()
