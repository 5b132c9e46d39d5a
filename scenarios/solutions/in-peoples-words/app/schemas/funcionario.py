"""SQLite schema of funcionarios."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS funcionarios (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    nome TEXT NOT NULL,
    email TEXT NOT NULL,
    salario REAL NOT NULL,
    ativo INTEGER NOT NULL
);
"""

# What an older table may lack, as ALTER TABLE accepts it.
ADDED_COLUMNS = {
    "funcionarios": {
        "nome": ("TEXT NOT NULL DEFAULT ''"),
        "email": ("TEXT NOT NULL DEFAULT ''"),
        "salario": ("REAL NOT NULL DEFAULT 0"),
        "ativo": ("INTEGER NOT NULL DEFAULT 0"),
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
