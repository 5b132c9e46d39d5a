"""The tables of doctors and of the patients that they treat."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS doctors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    speciality TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS doctors_patients (
    doctor_id INTEGER NOT NULL REFERENCES doctors (id) ON DELETE CASCADE,
    patient_id INTEGER NOT NULL REFERENCES patients (id) ON DELETE CASCADE,
    PRIMARY KEY (doctor_id, patient_id)
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "speciality": "TEXT NOT NULL DEFAULT ''",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the tables, or give older ones the columns that they lack."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('doctors')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE doctors ADD COLUMN {name} {declared}"
            )
    connection.commit()
