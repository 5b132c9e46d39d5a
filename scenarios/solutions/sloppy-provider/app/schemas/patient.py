"""The table of patients."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS patients (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    weight REAL,
    doctor_id INTEGER REFERENCES doctors (id) ON DELETE SET NULL
);
"""

# What an older table may lack. The defaults fill the rows that it holds; the
# date is one, so that these rows can be read as patients.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "birth_date": "TEXT NOT NULL DEFAULT '1970-01-01'",
    "weight": "REAL",
    "doctor_id": "INTEGER REFERENCES doctors (id) ON DELETE SET NULL",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('patients')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE patients ADD COLUMN {name} {declared}"
            )
    connection.commit()
