"""A cache in memory and SQLite, shared between processes and robust to damaged files."""

import hashlib
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace

T = TypeVar("T")
R = TypeVar("R")

SCHEMA_VERSION = 2
MAX_SIZE = 1000
BUSY_TIMEOUT_SECONDS = 5.0
_BUSY_RETRY_SECONDS = 0.005
# The lower byte of SQLite's error codes is the primary code.
_PRIMARY_CODE = 0xFF


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """Conversion of entries to text and back; `read` raises `ValueError`."""

    write: Callable[[T], str]
    read: Callable[[str], T]


class SqliteCache(Generic[T]):
    """Entries by key, across restarts and processes.

    `version` is what an entry depends on besides its key; entries of another version are ignored. A
    file that is damaged or unavailable never fails a request: an event reports it, and a damaged
    file or row is removed. Without a `path` only memory is used, without `in_memory` only the file.
    Must be closed after use.
    """

    def __init__(
        self,
        path: Path | None,
        table: str,
        version: str,
        codec: Codec[T],
        *,
        max_size: int = MAX_SIZE,
        in_memory: bool = True,
    ) -> None:
        self._path = path
        self._sql = _Statements.of(table)
        self._version = f"{SCHEMA_VERSION}:{version}"
        self._codec = codec
        self._max_size = max_size
        self._in_memory = in_memory
        self._memory: OrderedDict[str, T] = OrderedDict()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str, trace: Trace) -> T | None:
        """Return the entry of a key, or None; emits a hit or a miss."""
        value, tier = self._memory.get(key), "memory"
        if value is None:
            value, tier = self._read(key, trace), "disk"
        if value is None:
            trace(events.CACHE_MISS, key=key)
            return None
        self._remember(key, value)
        self._transact(lambda disk: disk.execute(self._sql.touch, (key, self._version)), trace)
        trace(events.CACHE_HIT, key=key, tier=tier)
        return value

    def put(self, key: str, value: T, trace: Trace) -> None:
        """Store an entry; beyond `max_size`, the least recently used ones are removed."""
        entry = self._codec.write(value)
        self._remember(key, value)

        def write(disk: sqlite3.Connection) -> int:
            digest = self._digest(key, entry)
            disk.execute(self._sql.write, (key, self._version, entry, digest))
            return disk.execute(self._sql.clean_up, (self._max_size,)).rowcount

        removed = self._transact(write, trace)
        if removed is not None or self._path is None:
            trace(events.CACHE_WRITE, key=key)
        if removed:
            trace(events.CACHE_CLEANUP, removed=removed)

    def close(self) -> None:
        """Close the file; the next access opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _remember(self, key: str, value: T) -> None:
        if not self._in_memory:
            return
        self._memory[key] = value
        self._memory.move_to_end(key)
        while len(self._memory) > self._max_size:
            self._memory.popitem(last=False)

    def _read(self, key: str, trace: Trace) -> T | None:
        place = (key, self._version)
        row = self._transact(lambda disk: disk.execute(self._sql.read, place).fetchone(), trace)
        if row is None:
            return None
        entry, digest = row
        if self._digest(key, entry) == digest:
            try:
                return self._codec.read(entry)
            except ValueError:  # reported below: a row that cannot be read is damaged too
                pass
        trace(events.CACHE_CORRUPT, what="row", key=key)
        self._transact(lambda disk: disk.execute(self._sql.drop, place), trace)
        return None

    def _digest(self, key: str, entry: str) -> str:
        return hashlib.sha256(f"{key}\n{self._version}\n{entry}".encode()).hexdigest()

    def _transact(self, work: Callable[[sqlite3.Connection], R], trace: Trace) -> R | None:
        """Return the result of `work` in one transaction, or None if the file cannot be used."""
        if self._path is None:
            return None
        for _ in range(2):  # again after a damaged file is removed
            try:
                if self._connection is None:
                    self._connection = connect(self._path, self._sql.table)
                with self._connection:
                    return work(self._connection)
            except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
                self.close()
                if not is_damage(error):  # locked, full or read-only: a later access may succeed
                    trace(events.CACHE_UNAVAILABLE, reason=str(error))
                    return None
                trace(events.CACHE_CORRUPT, what="file", reason=str(error))
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return None


@dataclass(frozen=True, slots=True)
class _Statements:
    """SQL statements for one table."""

    table: str
    read: str
    drop: str
    touch: str
    write: str
    clean_up: str

    @classmethod
    def of(cls, name: str) -> "_Statements":
        now = f"(SELECT coalesce(max(used_at), 0) + 1 FROM {name})"  # noqa: S608  a name of ours
        return cls(
            table=f"CREATE TABLE IF NOT EXISTS {name} (key TEXT, version TEXT, entry TEXT NOT NULL,"
            " sha256 TEXT NOT NULL, used_at INTEGER NOT NULL, PRIMARY KEY (key, version))",
            read=f"SELECT entry, sha256 FROM {name} WHERE key = ? AND version = ?",  # noqa: S608
            drop=f"DELETE FROM {name} WHERE key = ? AND version = ?",  # noqa: S608
            touch=f"UPDATE {name} SET used_at = {now} WHERE key = ? AND version = ?",  # noqa: S608
            write=f"INSERT OR REPLACE INTO {name} VALUES (?, ?, ?, ?, {now})",  # noqa: S608
            clean_up=f"DELETE FROM {name} WHERE rowid IN"  # noqa: S608
            f" (SELECT rowid FROM {name} ORDER BY used_at DESC LIMIT -1 OFFSET ?)",
        )


def is_damage(error: Exception) -> bool:
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


def connect(path: Path, table: str) -> sqlite3.Connection:
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
