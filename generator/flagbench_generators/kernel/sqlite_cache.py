"""A cache in memory and SQLite, shared between processes and robust to damaged files."""

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.sqlite_file import CORRUPTED, SqliteFile

T = TypeVar("T")
R = TypeVar("R")

SCHEMA_VERSION = 2
MAX_SIZE = 1000


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
        self._sql = _Statements.of(table)
        self._file = SqliteFile(path, self._sql.table) if path else None
        self._version = f"{SCHEMA_VERSION}:{version}"
        self._codec = codec
        self._max_size = max_size
        self._in_memory = in_memory
        self._memory: OrderedDict[str, T] = OrderedDict()

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
        if removed is not None or self._file is None:
            trace(events.CACHE_WRITE, key=key)
        if removed:
            trace(events.CACHE_CLEANUP, removed=removed)

    def close(self) -> None:
        """Close the file; the next access opens it again."""
        if self._file is not None:
            self._file.close()

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

        def report(trouble: str, reason: str) -> None:
            if trouble == CORRUPTED:
                trace(events.CACHE_CORRUPT, what="file", reason=reason)
            else:
                trace(events.CACHE_UNAVAILABLE, reason=reason)

        return None if self._file is None else self._file.transact(work, report)


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
