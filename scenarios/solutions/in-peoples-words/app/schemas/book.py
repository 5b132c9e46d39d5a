"""Table books and its migration."""

import logging
import sqlite3

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS "books" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "title" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "number_of_pages" INTEGER NOT NULL,
    "short_summary" TEXT
);
"""

ADD_COLUMN = 'ALTER TABLE "books" ADD COLUMN'

# How a table from an earlier version gets a column: the rows it holds need
# a neutral value where a new row must bring its own.
COLUMNS = {
    "title": "TEXT NOT NULL DEFAULT ''",
    "author": "TEXT NOT NULL DEFAULT ''",
    "number_of_pages": "INTEGER NOT NULL DEFAULT 0",
    "short_summary": "TEXT",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table or add the columns it lacks; keep every row."""
    connection.executescript(SCHEMA)
    table = connection.execute('PRAGMA table_info("books")')
    present = {row[1] for row in table}
    for name, definition in COLUMNS.items():
        if name not in present:
            connection.execute(f'{ADD_COLUMN} "{name}" {definition}')
            logger.info("added column %s", name)
    connection.commit()
