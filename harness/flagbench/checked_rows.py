"""Rows by key in an SQLite file that all workers share; each has a digest, so that none is wrong.

What is kept can be made again: an unusable file or a damaged row is a row that is not there.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_BUSY_TIMEOUT_SECONDS = 30.0
_RETRY_SECONDS = 0.005
# The lower byte of SQLite's error codes is the primary code.
_PRIMARY_CODE = 0xFF


class CheckedRows:
    """A table of texts; with `path` None nothing is kept.

    All rows of a `put` are there or none. `bound_bytes` bounds the texts: beyond it, `trim` deletes
    those that were written first.
    """

    def __init__(self, path: Path | None, table: str, bound_bytes: int | None = None) -> None:
        self._path = path
        self._table = table
        self._bound_bytes = bound_bytes

    def get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The rows of those keys that have a whole one."""
        read = f"SELECT value, sha256 FROM {self._table} WHERE key = ?"  # noqa: S608  a constant

        def work(disk: sqlite3.Connection) -> dict[str, bytes]:
            rows = {key: disk.execute(read, (key,)).fetchone() for key in keys}
            return {
                key: row[0]
                for key, row in rows.items()
                if row and isinstance(row[0], bytes) and row[1] == _digest(key, row[0])
            }

        return self._on_disk(work, makes_table=False) or {}

    def everything(self) -> dict[str, bytes]:
        """All whole rows."""
        read = f"SELECT key, value, sha256 FROM {self._table}"  # noqa: S608  a constant

        def work(disk: sqlite3.Connection) -> dict[str, bytes]:
            return {
                key: value
                for key, value, digest in disk.execute(read)
                if isinstance(value, bytes) and digest == _digest(key, value)
            }

        return self._on_disk(work, makes_table=False) or {}

    def put(self, rows: Mapping[str, bytes]) -> None:
        """Store rows, in one transaction."""
        write = f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?, ?, ?)"  # noqa: S608
        values = [
            (key, _digest(key, value), len(key) + len(value), value) for key, value in rows.items()
        ]
        self._on_disk(lambda disk: disk.executemany(write, values))

    def clear(self) -> int:
        """Delete all rows; the number of them."""
        delete = f"DELETE FROM {self._table}"  # noqa: S608
        return self._on_disk(lambda disk: disk.execute(delete).rowcount) or 0

    def trim(self) -> None:
        """Delete the oldest rows beyond the bound."""
        if self._bound_bytes is None:
            return
        delete = (
            f"DELETE FROM {self._table} WHERE rowid IN (SELECT rowid FROM (SELECT rowid,"  # noqa: S608
            f" sum(bytes) OVER (ORDER BY rowid DESC) AS total FROM {self._table}) WHERE total > ?)"
        )
        self._on_disk(lambda disk: disk.execute(delete, (self._bound_bytes,)))

    def _on_disk(
        self, work: Callable[[sqlite3.Connection], T], *, makes_table: bool = True
    ) -> T | None:
        """Run `work` in one transaction; its result, or None without a usable file or table.

        If two processes create a file at the same time, SQLite fails for one of them without
        waiting, so this tries again.
        """
        if self._path is None:
            return None
        deadline = time.monotonic() + _BUSY_TIMEOUT_SECONDS
        while True:
            try:
                if makes_table:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                elif not self._path.exists():  # or SQLite would make it
                    return None
                with closing(sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_SECONDS)) as disk:
                    # Bytes that do not decode must reach the digest check.
                    disk.text_factory = lambda raw: raw.decode("utf-8", "replace")
                    if makes_table:
                        self._make_table(disk)
                    with disk:
                        return work(disk)
            except (OSError, sqlite3.OperationalError) as error:  # read-only, full or locked
                code = getattr(error, "sqlite_errorcode", None) or 0
                if code & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    return None  # nothing is kept
                time.sleep(_RETRY_SECONDS)
            # Not a database, or a damaged one, which sqlite3 may name by bytes that are not UTF-8.
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                with suppress(OSError):
                    self._path.unlink()
                return None

    def _make_table(self, disk: sqlite3.Connection) -> None:
        disk.execute("PRAGMA synchronous = OFF")  # a lost row is made again
        disk.execute("PRAGMA journal_mode = WAL")
        disk.execute(
            f"CREATE TABLE IF NOT EXISTS {self._table} (key TEXT PRIMARY KEY,"
            " sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, value BLOB NOT NULL)"
        )


def _digest(key: str, value: bytes) -> str:
    return hashlib.sha256(f"{key}\n".encode() + value).hexdigest()
