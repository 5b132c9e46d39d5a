"""The table of vehicles."""

import sqlite3

# The defaults fill the rows of an older table that lacks the column; a date
# is one, so that these rows can be read as vehicles.
TEXT = "TEXT NOT NULL DEFAULT ''"
INTEGER = "INTEGER NOT NULL DEFAULT 0"
REAL = "REAL NOT NULL DEFAULT 0"
BOOLEAN = "INTEGER NOT NULL DEFAULT 0"
DATE = "TEXT NOT NULL DEFAULT '1970-01-01'"

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
    "registration_date": DATE,
    "inspection_date": DATE,
    "purchase_date": DATE,
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


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table, or give an older one the columns that it lacks."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('vehicles')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE vehicles ADD COLUMN {name} {declared}"
            )
    connection.commit()
