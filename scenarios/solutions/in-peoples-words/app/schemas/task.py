"""Table tasks and its migration."""

import logging
import sqlite3

logger = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS "tasks" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "title" TEXT NOT NULL,
    "due_date" TEXT NOT NULL,
    "done" INTEGER NOT NULL
);
"""

ADD_COLUMN = 'ALTER TABLE "tasks" ADD COLUMN'

# How a table from an earlier version gets a column: the rows it holds need
# a neutral value where a new row must bring its own.
COLUMNS = {
    "title": "TEXT NOT NULL DEFAULT ''",
    "due_date": "TEXT NOT NULL DEFAULT '1970-01-01'",
    "done": "INTEGER NOT NULL DEFAULT 0",
}


def migrate(connection: sqlite3.Connection) -> None:
    """Create the table or add the columns it lacks; keep every row."""
    connection.executescript(SCHEMA)
    table = connection.execute('PRAGMA table_info("tasks")')
    present = {row[1] for row in table}
    for name, definition in COLUMNS.items():
        if name not in present:
            connection.execute(f'{ADD_COLUMN} "{name}" {definition}')
            logger.info("added column %s", name)
    connection.commit()
