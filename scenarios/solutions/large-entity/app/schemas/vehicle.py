"""The table of vehicles."""

import sqlite3

TEXT = "TEXT NOT NULL"
INTEGER = BOOLEAN = "INTEGER NOT NULL"
REAL = "REAL NOT NULL"

COLUMNS = {
    "plate": TEXT,
    "brand": TEXT,
    "model": TEXT,
    "color": TEXT,
    "year": INTEGER,
    "mileage": INTEGER,
    "doors": INTEGER,
    "seats": INTEGER,
    "price": REAL,
    "weight": REAL,
    "length": REAL,
    "width": REAL,
    "height": REAL,
    "engine_size": REAL,
    "fuel_type": TEXT,
    "transmission": TEXT,
    "drive": TEXT,
    "chassis_number": TEXT,
    "registration_date": TEXT,
    "inspection_date": TEXT,
    "purchase_date": TEXT,
    "last_service_at": "TEXT",
    "sold_at": "TEXT",
    "insured": BOOLEAN,
    "electric": BOOLEAN,
    "imported": BOOLEAN,
    "damaged": BOOLEAN,
    "owner_name": TEXT,
    "owner_email": TEXT,
    "owner_phone": "TEXT",
    "country": TEXT,
    "city": TEXT,
    "postal_code": TEXT,
    "insurer": "TEXT",
    "policy_number": "TEXT",
    "battery_capacity": "REAL",
    "range": "INTEGER",
    "tyre_size": "TEXT",
    "condition": "TEXT",
    "notes": "TEXT",
}

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS vehicles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    {", ".join(f"{name} {declared}" for name, declared in COLUMNS.items())}
);
"""


# A new row must bring its values; the rows of an older table that lacks a
# column get these. A date is one, so that the rows can be read as vehicles.
OLDER_ROWS = {TEXT: "''", INTEGER: "0", REAL: "0"}
OLDER_DATES = "'1970-01-01'"


def older(name: str) -> str:
    """The declaration of a column that an older table lacks."""
    declared = COLUMNS[name]
    if declared not in OLDER_ROWS:
        return declared
    value = OLDER_DATES if name.endswith("_date") else OLDER_ROWS[declared]
    return f"{declared} DEFAULT {value}"


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('vehicles')"
        )
    }
    for name in COLUMNS:
        if name not in present:
            connection.execute(
                f"ALTER TABLE vehicles ADD COLUMN {name} {older(name)}"
            )
    connection.commit()
