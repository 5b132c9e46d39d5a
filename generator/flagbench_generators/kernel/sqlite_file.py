"""A SQLite file of one table that processes share, robust to damage."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

R = TypeVar("R")
CORRUPTED, UNAVAILABLE = "corrupted", "unavailable"
BUSY_TIMEOUT_SECONDS = 5.0
_BUSY_RETRY_SECONDS = 0.005
# The lower byte of SQLite's error codes is the primary code.
_PRIMARY_CODE = 0xFF


class SqliteFile:
    """A file by its path, and the statement that creates its table. Must be closed after use."""

    def __init__(self, path: Path, table: str) -> None:
        self._path = path
        self._table = table
        self._connection: sqlite3.Connection | None = None

    def transact(
        self, work: Callable[[sqlite3.Connection], R], report: Callable[[str, str], None]
    ) -> R | None:
        """Return the result of `work` in one transaction, or None if the file cannot be used.

        `report` is called with `CORRUPTED` for a damaged file, which is removed, or `UNAVAILABLE`;
        and with the reason.
        """
        for _ in range(2):  # again after a damaged file is removed
            try:
                if self._connection is None:
                    self._connection = _connect(self._path, self._table)
                with self._connection:
                    return work(self._connection)
            except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
                self.close()
                if not _is_damage(error):  # locked, full or read-only: later it may succeed
                    report(UNAVAILABLE, str(error))
                    return None
                report(CORRUPTED, str(error))
                try:
                    for suffix in ("", "-wal", "-shm"):
                        self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
                except OSError as reason:  # of a folder that is not writable
                    report(UNAVAILABLE, str(reason))
                    return None
        return None

    def close(self) -> None:
        """Close the file; the next transaction opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_damage(error: Exception) -> bool:
    """Return whether the file is damaged, or has another table of the same name."""
    if not isinstance(error, sqlite3.OperationalError):
        # sqlite3 may name the damage by bytes that are not UTF-8.
        return isinstance(error, (sqlite3.DatabaseError, UnicodeDecodeError))
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def _prepare(connection: sqlite3.Connection, table: str) -> None:
    """Switch to a write-ahead log and create the table, if that is not done yet.

    If two processes create a file simultaneously, SQLite fails for one of them without waiting, so
    this tries again.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(table)
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_RETRY_SECONDS)
        else:
            return


def _connect(path: Path, table: str) -> sqlite3.Connection:
    """Open a connection that several processes may share: only writers wait for each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        # Bytes that do not decode must reach the digest check, which reports the damage.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        # A lost last write costs one call; waiting for the disk would slow every write.
        connection.execute("PRAGMA synchronous = OFF")
        _prepare(connection, table)
    except BaseException:
        connection.close()
        raise
    return connection
