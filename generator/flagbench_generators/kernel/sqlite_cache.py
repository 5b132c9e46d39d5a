"""What was answered before: memory over SQLite, shared by processes, whatever the file suffers."""

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
_ASK_AGAIN_SECONDS = 0.005
# The lower byte of SQLite's codes says what happened, the rest how.
_PRIMARY_CODE = 0xFF


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How entries are written as text and read back; `read` raises `ValueError`."""

    write: Callable[[T], str]
    read: Callable[[str], T]


class SqliteCache(Generic[T]):
    """Entries by key, across restarts and processes.

    `version` names what an entry depends on beside its key: entries of another version are not
    seen. Nothing that is wrong with the file fails a request: it is told, a damaged file or row is
    removed, and only hits are lost. Without a `path` only memory is used, without `in_memory` only
    the file. To be closed after use.
    """

    def __init__(
        self,
        path: Path | None,
        table: str,
        version: str,
        form: Form[T],
        *,
        max_size: int = MAX_SIZE,
        in_memory: bool = True,
    ) -> None:
        self._path = path
        self._sql = _Statements.of(table)
        self._version = f"{SCHEMA_VERSION}:{version}"
        self._form = form
        self._max_size = max_size
        self._in_memory = in_memory
        self._memory: OrderedDict[str, T] = OrderedDict()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str, trace: Trace) -> T | None:
        """The entry of a key, or None; tells a hit or a miss."""
        found, tier = self._memory.get(key), "memory"
        if found is None:
            found, tier = self._read(key, trace), "disk"
        if found is None:
            trace(events.CACHE_MISS, key=key)
            return None
        self._remember(key, found)
        self._on_disk(lambda disk: disk.execute(self._sql.touch, (key, self._version)), trace)
        trace(events.CACHE_HIT, key=key, tier=tier)
        return found

    def put(self, key: str, value: T, trace: Trace) -> None:
        """Keep an entry; the least recently used ones go when there are too many."""
        entry = self._form.write(value)
        self._remember(key, value)

        def write(disk: sqlite3.Connection) -> int:
            digest = self._digest(key, entry)
            disk.execute(self._sql.write, (key, self._version, entry, digest))
            return disk.execute(self._sql.clean_up, (self._max_size,)).rowcount

        removed = self._on_disk(write, trace)
        if removed is not None or self._path is None:
            trace(events.CACHE_WRITE, key=key)
        if removed:
            trace(events.CACHE_CLEANUP, removed=removed)

    def close(self) -> None:
        """Let go of the file; using the store again opens it again."""
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
        row = self._on_disk(lambda disk: disk.execute(self._sql.read, place).fetchone(), trace)
        if row is None:
            return None
        entry, digest = row
        if self._digest(key, entry) == digest:
            try:
                return self._form.read(entry)
            except ValueError:  # told below: a row that cannot be read is damaged too
                pass
        trace(events.CACHE_CORRUPT, what="row", key=key)
        self._on_disk(lambda disk: disk.execute(self._sql.drop, place), trace)
        return None

    def _digest(self, key: str, entry: str) -> str:
        return hashlib.sha256(f"{key}\n{self._version}\n{entry}".encode()).hexdigest()

    def _on_disk(self, work: Callable[[sqlite3.Connection], R], trace: Trace) -> R | None:
        """What `work` answers in one transaction, or None if the file cannot be used."""
        if self._path is None:
            return None
        for _ in ("as it is", "made anew"):
            try:
                if self._connection is None:
                    self._connection = _opened(self._path, self._sql.table)
                with self._connection:
                    return work(self._connection)
            except (sqlite3.DatabaseError, OSError) as error:
                self.close()
                if not _is_damage(error):  # locked, full, read-only: another time it may work
                    trace(events.CACHE_UNAVAILABLE, reason=str(error))
                    return None
                trace(events.CACHE_CORRUPT, what="file", reason=str(error))
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return None


@dataclass(frozen=True, slots=True)
class _Statements:
    """SQL on one table."""

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


def _is_damage(error: Exception) -> bool:
    """Is the file no database, broken, or one with another table of the same name?"""
    if not isinstance(error, sqlite3.OperationalError):
        return isinstance(error, sqlite3.DatabaseError)
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def _prepare(connection: sqlite3.Connection, table: str) -> None:
    """Switch to a write-ahead log and make the table, or find both done.

    Where two processes make a new file at once, SQLite gives up for one of them without waiting:
    it asks again.
    """
    until = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(table)
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until:
                raise
            time.sleep(_ASK_AGAIN_SECONDS)
        else:
            return


def _opened(path: Path, table: str) -> sqlite3.Connection:
    """A connection for several processes at once: readers do not wait, writers wait in turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        # What does not decode must reach the digest, which tells that it is damaged.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        # A lost last write costs one more call; waiting for the disk would cost every write.
        connection.execute("PRAGMA synchronous = OFF")
        _prepare(connection, table)
    except BaseException:
        connection.close()
        raise
    return connection
