"""Tables and migration for Coupon."""

import sqlite3

COUPONS_TABLE = """
CREATE TABLE IF NOT EXISTS coupons (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT NOT NULL,
    percentage REAL NOT NULL
)
"""

SCHEMA = COUPONS_TABLE.strip() + ";\n"


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of the columns that a table has now."""
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row[1] for row in rows}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of Coupon up to date without losing data."""
    cursor = connection.cursor()
    cursor.execute(COUPONS_TABLE)
    existing = column_names(connection, "coupons")
    if "code" not in existing:
        cursor.execute(
            "ALTER TABLE coupons ADD COLUMN code TEXT NOT NULL " "DEFAULT ''"
        )
    if "percentage" not in existing:
        cursor.execute(
            "ALTER TABLE coupons ADD COLUMN percentage REAL NOT NULL "
            "DEFAULT 0"
        )
    connection.commit()
