"""Table suppliers and its migration."""

import logging
import sqlite3

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS "suppliers" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "phone_number" TEXT
);
"""

ADD_COLUMN = 'ALTER TABLE "suppliers" ADD COLUMN'

# How a table from an earlier version gets a column: the rows it holds need
# a neutral value where a new row must bring its own.
COLUMNS = {
    "name": "TEXT NOT NULL DEFAULT ''",
    "address": "TEXT NOT NULL DEFAULT ''",
    "phone_number": "TEXT",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table or add the columns it lacks; keep every row."""
    connection.executescript(SCHEMA)
    table = connection.execute('PRAGMA table_info("suppliers")')
    present = {row[1] for row in table}
    for name, definition in COLUMNS.items():
        if name not in present:
            connection.execute(f'{ADD_COLUMN} "{name}" {definition}')
            logger.info("added column %s", name)
    connection.commit()
