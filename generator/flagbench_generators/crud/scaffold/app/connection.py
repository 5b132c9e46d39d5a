"""The one place that opens the database."""

import os
import sqlite3
from collections.abc import Iterator


def get_connection() -> Iterator[sqlite3.Connection]:
    """Yield a connection to DATABASE_PATH and close it afterwards."""
    connection = sqlite3.connect(
        os.environ.get("DATABASE_PATH", "app.db"), check_same_thread=False
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection
    finally:
        connection.close()
