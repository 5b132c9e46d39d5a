"""Results by key with a time to live: in memory, on disk, or both."""

import hashlib
import json
import logging
import sqlite3
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from flagbench_generators.kernel.sqlite_file import SqliteFile
from flagbench_generators.optimizer.settings import DISK, HYBRID, MEMORY, OFF, Settings

R = TypeVar("R")
log = logging.getLogger(__name__)
# A larger result is kept on disk alone: memory holds at most CACHE_SIZE times this.
MAX_ENTRY_BYTES = 64 * 1024
_AT_ONCE = 500
_COUNTS = ("lookups", "hits", "memory_hits", "disk_hits", "expired", "evicted", "corrupted",
           "unavailable")  # fmt: skip
_TABLE = """CREATE TABLE IF NOT EXISTS entries
    (key TEXT PRIMARY KEY, entry TEXT NOT NULL, born REAL NOT NULL, dies REAL, sha256 TEXT NOT NULL)
    WITHOUT ROWID"""
_INDEX = "CREATE INDEX IF NOT EXISTS ends ON entries (dies)"
# Text of a result, when it was made, and when it is over; None for never.
_Entry = tuple[str, float, float | None]


def key_of(operation: str, *arguments: Any) -> str:
    """The key of a result: a digest of all that it depends on."""
    text = json.dumps([operation, arguments], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class ResultCache:
    """JSON values by key, in the tiers of the strategy that the settings name at the time.

    An entry is valid from its making until its time to live is over, by the wall clock. A row that
    is damaged is a miss, counted as `corrupted`, logged and removed; so is a damaged file. The file
    may be shared by processes. A cache that cannot be used is counted as `unavailable`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._memory = OrderedDict[str, _Entry]()
        self._most_entries = 0
        self.counts = Counter[str]()

    @property
    def path(self) -> Path:
        """The file of the disk tier."""
        return Path(self._settings.disk_cache_path) / "results.sqlite"

    def get_many(self, keys: Sequence[str], ttl_seconds: float | None) -> dict[str, Any]:
        """The valid results among those of distinct keys, made so many seconds before, or ever."""
        strategy, now = self._settings.cache_strategy, time.time()
        if strategy == OFF:
            return {}
        found, expired = dict[str, _Entry](), set[str]()
        if strategy in (MEMORY, HYBRID):
            for key in keys:
                if key in self._memory and self._is_valid(self._memory[key], now, ttl_seconds):
                    self._memory.move_to_end(key)
                    found[key] = self._memory[key]
                elif self._memory.pop(key, None):
                    expired.add(key)
            self.counts["memory_hits"] += len(found)
        missing = [key for key in keys if key not in found]
        if strategy in (DISK, HYBRID) and missing:
            on_disk, too_old = self._read(missing, ttl_seconds)
            expired |= too_old
            self.counts["disk_hits"] += len(on_disk)
            self._remember(on_disk if strategy == HYBRID else {})
            found |= on_disk
        self.counts.update(hits=len(found), lookups=len(keys), expired=len(expired - found.keys()))
        return {key: json.loads(entry[0]) for key, entry in found.items()}

    def put_many(self, values: Mapping[str, Any], ttl_seconds: float | None) -> None:
        """Store results, for so many seconds or for good."""
        strategy, now = self._settings.cache_strategy, time.time()
        dies = None if ttl_seconds is None else now + ttl_seconds
        entries = {key: (json.dumps(value), now, dies) for key, value in values.items()}
        if strategy in (MEMORY, HYBRID):
            self._remember(entries)
        if strategy in (DISK, HYBRID) and entries:
            rows = [(key, *entry, _digest(key, entry)) for key, entry in entries.items()]

            def write(disk: sqlite3.Connection) -> None:
                disk.execute(_INDEX)
                disk.execute("DELETE FROM entries WHERE dies <= ?", (now,))
                disk.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", rows)

            self._transact(write)

    def clear(self) -> int:
        """Forget everything, on disk too. Returns the number of entries.

        Raises `OSError` where the file cannot be used: then nothing is forgotten.
        """
        on_disk: int | None = 0
        if self.path.exists():
            on_disk = self._transact(lambda disk: disk.execute("DELETE FROM entries").rowcount)
        if on_disk is None:
            raise OSError(f"{self.path}: in use or not writable, so that nothing is forgotten")
        count = max(len(self._memory), on_disk)
        self._memory.clear()
        return count

    @property
    def statistics(self) -> dict[str, Any]:
        """Counts since the start, and how full each tier is; memory also had `most_entries`.

        `bytes` are those of the results: the size of the file depends on the version of SQLite.
        """
        self._shrink()
        size, held = self._settings.cache_size, [entry[0] for entry in self._memory.values()]
        rows, text_bytes = self._rows()
        return {
            **{name: self.counts[name] for name in _COUNTS},
            "memory_cache": {"entries": len(held), "max_entries": size,
                             "most_entries": self._most_entries,
                             "bytes": sum(map(len, held)), "utilization": len(held) / size},
            "disk_cache": {"entries": rows, "path": str(self.path), "bytes": text_bytes},
        }  # fmt: skip

    @staticmethod
    def _is_valid(entry: _Entry, now: float, ttl_seconds: float | None) -> bool:
        _, born, dies = entry
        ends = (dies, None if ttl_seconds is None else born + ttl_seconds)
        return born <= now and all(end is None or now < end for end in ends)

    def _remember(self, entries: Mapping[str, _Entry]) -> None:
        for key, entry in entries.items():
            if len(entry[0]) <= MAX_ENTRY_BYTES:
                self._memory[key] = entry
                self._memory.move_to_end(key)
                self._shrink()
                self._most_entries = max(self._most_entries, len(self._memory))

    def _shrink(self) -> None:
        while len(self._memory) > self._settings.cache_size:
            self._memory.popitem(last=False)
            self.counts["evicted"] += 1

    def _rows(self) -> tuple[int | None, int | None]:
        """The number of entries on disk, and their bytes; None where that cannot be known."""
        if not self.path.exists():
            return 0, 0
        select = "SELECT count(*), ifnull(sum(length(entry)), 0) FROM entries"
        rows = self._transact(lambda disk: disk.execute(select).fetchone())
        return rows or (None, None)

    def _read(
        self, keys: Sequence[str], ttl_seconds: float | None
    ) -> tuple[dict[str, _Entry], set[str]]:
        """The valid entries on disk, and the keys of those that are too old."""
        found, expired, bad = dict[str, _Entry](), set[str](), list[tuple[str]]()
        if not self.path.exists():
            return found, expired
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            select = f"SELECT * FROM entries WHERE key IN ({marks})"  # noqa: S608  marks alone
            rows = self._transact(lambda disk: disk.execute(select, some).fetchall())  # noqa: B023
            now = time.time()  # after it: another process may have written meanwhile
            for key, text, born, dies, digest in rows or ():
                entry = (text, born, dies)
                if _digest(key, entry) != digest:
                    self._note("corrupted", f"entry {key[:12]}")
                    bad.append((key,))
                elif self._is_valid(entry, now, ttl_seconds):
                    found[key] = entry
                else:
                    expired.add(key)
                    bad.append((key,))
        if bad:
            self._transact(lambda disk: disk.executemany("DELETE FROM entries WHERE key = ?", bad))
        return found, expired

    def _note(self, what: str, where: str) -> None:
        self.counts[what] += 1
        log.warning("cache %s: %s: %s", what, self.path, where)

    def _transact(self, work: Callable[[sqlite3.Connection], R]) -> R | None:
        """The result of `work` in one transaction; None if the file cannot be used."""
        with closing(SqliteFile(self.path, _TABLE)) as file:
            return file.transact(work, self._note)


def _digest(key: str, entry: _Entry) -> str:
    return hashlib.sha256(repr((key, *entry)).encode()).hexdigest()
