"""The table of courses."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS courses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    teacher_id INTEGER REFERENCES teachers (id) ON DELETE SET NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "level": "TEXT NOT NULL DEFAULT ''",
    "teacher_id": "INTEGER REFERENCES teachers (id) ON DELETE SET NULL",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('courses')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE courses ADD COLUMN {name} {declared}"
            )
    connection.commit()
