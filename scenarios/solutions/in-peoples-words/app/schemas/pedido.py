"""Tables and migration for Pedido."""

import sqlite3

PEDIDOS_TABLE = """
CREATE TABLE IF NOT EXISTS pedidos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cliente TEXT NOT NULL
)
"""

PEDIDOS_ITENS_TABLE = """
CREATE TABLE IF NOT EXISTS pedidos_itens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pedido_id INTEGER NOT NULL REFERENCES pedidos(id) ON DELETE CASCADE,
    descricao TEXT NOT NULL,
    quantidade INTEGER NOT NULL
)
"""

SCHEMA = PEDIDOS_TABLE.strip() + ";\n" + PEDIDOS_ITENS_TABLE.strip() + ";\n"


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of the columns that a table has now."""
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row[1] for row in rows}


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of Pedido up to date without losing data."""
    cursor = connection.cursor()
    cursor.execute(PEDIDOS_TABLE)
    cursor.execute(PEDIDOS_ITENS_TABLE)
    existing = column_names(connection, "pedidos")
    if "cliente" not in existing:
        cursor.execute(
            "ALTER TABLE pedidos ADD COLUMN cliente TEXT NOT NULL "
            "DEFAULT ''"
        )
    existing = column_names(connection, "pedidos_itens")
    if "descricao" not in existing:
        cursor.execute(
            "ALTER TABLE pedidos_itens ADD COLUMN descricao TEXT NOT "
            "NULL DEFAULT ''"
        )
    if "quantidade" not in existing:
        cursor.execute(
            "ALTER TABLE pedidos_itens ADD COLUMN quantidade INTEGER "
            "NOT NULL DEFAULT 0"
        )
    connection.commit()
