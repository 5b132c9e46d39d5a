"""Table produtos and its migration."""

import logging
import sqlite3

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS "produtos" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "nome" TEXT NOT NULL,
    "preco" REAL NOT NULL,
    "quantidade" INTEGER NOT NULL
);
"""

ADD_COLUMN = 'ALTER TABLE "produtos" ADD COLUMN'

# How a table from an earlier version gets a column: the rows it holds need
# a neutral value where a new row must bring its own.
COLUMNS = {
    "nome": "TEXT NOT NULL DEFAULT ''",
    "preco": "REAL NOT NULL DEFAULT 0",
    "quantidade": "INTEGER NOT NULL DEFAULT 0",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table or add the columns it lacks; keep every row."""
    connection.executescript(SCHEMA)
    table = connection.execute('PRAGMA table_info("produtos")')
    present = {row[1] for row in table}
    for name, definition in COLUMNS.items():
        if name not in present:
            connection.execute(f'{ADD_COLUMN} "{name}" {definition}')
            logger.info("added column %s", name)
    connection.commit()
