"""The tables of products and of their tags."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    price REAL NOT NULL,
    description TEXT,
    warehouse_id INTEGER REFERENCES warehouses (id) ON DELETE SET NULL
);
CREATE TABLE IF NOT EXISTS products_tags (
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (product_id, tag_id)
);
"""

# What an older table may lack. The defaults fill the rows that it holds.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "price": "REAL NOT NULL DEFAULT 0",
    "description": "TEXT",
    "warehouse_id": "INTEGER REFERENCES warehouses (id) ON DELETE SET NULL",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the tables, or give older ones the columns that they lack."""
    connection.executescript(SCHEMA)
    present = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_info('products')"
        )
    }
    for name, declared in COLUMNS.items():
        if name not in present:
            connection.execute(
                f"ALTER TABLE products ADD COLUMN {name} {declared}"
            )
    connection.commit()
