"""The recognition cache: memory over SQLite, keyed by the lemmas of a request."""

import hashlib
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from generator import events
from generator.events import Trace

SCHEMA_VERSION = 1
FILE_NAME = "recognition_cache.db"
MAX_SIZE = 1000
BUSY_TIMEOUT_SECONDS = 5.0

LANGUAGES = ("en", "pt")
# Words that change nothing about what is asked for, in both languages.
_ENGLISH = "a an the please kindly that which has have with and of for to its their"
_PORTUGUESE = "um uma uns umas o os as por favor que tem tenha com e de do da dos das para seu sua"
_STOP_WORDS = frozenset(f"{_ENGLISH} {_PORTUGUESE}".split())


def key_of(words: str) -> str:
    """The normal form of a request: lower-case lemmas in order, without stop words."""
    tokens = re.findall(r"[^\W_]+", words.lower())
    return " ".join(_lemma(token) for token in tokens if token not in _STOP_WORDS)


@lru_cache(maxsize=4096)  # a lemma is a pure function of its word, and looking it up is slow
def _lemma(token: str) -> str:
    import simplemma  # noqa: PLC0415  its dictionaries take a third of a second to load

    lemma: str = simplemma.lemmatize(token, lang=LANGUAGES)
    return lemma.lower()


class RecognitionCache:
    """Recognised requests as JSON text, across restarts and processes.

    `version` names what an entry depends on beside its key (prompt, model): entries of another
    version are not seen. A file that is damaged is told, rebuilt, and costs only the lost hits.
    """

    def __init__(self, folder: Path, version: str, *, max_size: int = MAX_SIZE) -> None:
        self._path = folder / FILE_NAME
        self._version = f"{SCHEMA_VERSION}:{version}"
        self._max_size = max_size
        self._memory: OrderedDict[str, str] = OrderedDict()

    def get(self, words: str, trace: Trace) -> str | None:
        """The entry for a request, or None; tells a hit or a miss."""
        key = key_of(words)
        entry, tier = self._memory.get(key), "memory"
        if entry is None:
            entry, tier = self._read(key, trace), "disk"
        if entry is None:
            trace(events.CACHE_MISS, key=key)
            return None
        self._remember(key, entry)
        trace(events.CACHE_HIT, key=key, tier=tier)
        return entry

    def put(self, words: str, entry: str, trace: Trace) -> None:
        """Keep an entry; the least recently used ones go when there are too many."""
        key = key_of(words)
        self._remember(key, entry)
        with self._opened(trace) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO recognitions (key, version, entry, sha256, used_at)"
                " VALUES (?, ?, ?, ?, (SELECT coalesce(max(used_at), 0) + 1 FROM recognitions))",
                (key, self._version, entry, _digest(entry)),
            )
            removed = connection.execute(
                "DELETE FROM recognitions WHERE rowid IN"
                " (SELECT rowid FROM recognitions ORDER BY used_at DESC LIMIT -1 OFFSET ?)",
                (self._max_size,),
            ).rowcount
        trace(events.CACHE_WRITE, key=key)
        if removed:
            trace(events.CACHE_CLEANUP, removed=removed)

    def _remember(self, key: str, entry: str) -> None:
        self._memory[key] = entry
        self._memory.move_to_end(key)
        while len(self._memory) > self._max_size:
            self._memory.popitem(last=False)

    def _read(self, key: str, trace: Trace) -> str | None:
        with self._opened(trace) as connection:
            row = connection.execute(
                "SELECT entry, sha256 FROM recognitions WHERE key = ? AND version = ?",
                (key, self._version),
            ).fetchone()
            if row is None:
                return None
            entry, digest = row
            if _digest(entry) != digest:
                connection.execute("DELETE FROM recognitions WHERE key = ?", (key,))
                trace(events.CACHE_CORRUPT, what="entry", key=key)
                return None
            connection.execute(
                "UPDATE recognitions SET used_at ="
                " (SELECT max(used_at) + 1 FROM recognitions) WHERE key = ?",
                (key,),
            )
            return str(entry)

    @contextmanager
    def _opened(self, trace: Trace) -> Iterator[sqlite3.Connection]:
        """A connection to a sound database; a damaged file is put aside and made anew."""
        try:
            connection = self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            trace(events.CACHE_CORRUPT, what="file", reason=str(error))
            self._path.replace(self._path.with_suffix(".corrupt"))
            connection = self._connect()
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_SECONDS)
        try:
            # A lost last write costs one more call; waiting for the disk would cost every write.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS recognitions (key TEXT, version TEXT,"
                " entry TEXT NOT NULL, sha256 TEXT NOT NULL, used_at INTEGER NOT NULL,"
                " PRIMARY KEY (key, version))"
            )
        except BaseException:
            connection.close()
            raise
        return connection


def _digest(entry: object) -> str:
    return hashlib.sha256(str(entry).encode()).hexdigest()
