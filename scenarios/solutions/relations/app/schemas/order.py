"""The tables of orders and of their lines."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS orders_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_name TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_lines_order_id ON orders_lines (order_id);
"""

# What older tables may lack. The defaults fill the rows that they hold.
COLUMNS = {
    "orders": {"customer_name": "TEXT NOT NULL DEFAULT ''"},
    "orders_lines": {
        "product_name": "TEXT NOT NULL DEFAULT ''",
        "quantity": "INTEGER NOT NULL DEFAULT 0",
        "price": "REAL NOT NULL DEFAULT 0",
    },
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the tables, or give older ones the columns that they lack."""
    connection.executescript(SCHEMA)
    for table, columns in COLUMNS.items():
        present = {
            name
            for (name,) in connection.execute(
                "SELECT name FROM pragma_table_info(?)", (table,)
            )
        }
        for name, declared in columns.items():
            if name not in present:
                connection.execute(
                    f"ALTER TABLE {table} ADD COLUMN {name} {declared}"
                )
    connection.commit()
