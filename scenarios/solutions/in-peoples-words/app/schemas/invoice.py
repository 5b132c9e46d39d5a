"""SQLite schema of invoices."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS invoices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS invoices_line_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    invoice_id INTEGER NOT NULL REFERENCES invoices(id) ON DELETE CASCADE,
    description TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price REAL NOT NULL
);
"""

# What an older table may lack, as ALTER TABLE accepts it.
ADDED_COLUMNS = {
    "invoices": {
        "number": ("TEXT NOT NULL DEFAULT ''"),
    },
    "invoices_line_items": {
        "description": ("TEXT NOT NULL DEFAULT ''"),
        "quantity": ("INTEGER NOT NULL DEFAULT 0"),
        "unit_price": ("REAL NOT NULL DEFAULT 0"),
    },
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create missing tables and add missing columns; all rows stay."""
    connection.executescript(SCHEMA)
    for table, columns in ADDED_COLUMNS.items():
        rows = connection.execute(f'PRAGMA table_info("{table}")')
        present = {row[1] for row in rows}
        for name, declaration in columns.items():
            if name not in present:
                connection.execute(
                    f'ALTER TABLE "{table}" '
                    f'ADD COLUMN "{name}" {declaration}'
                )
    connection.commit()
