"""The recognition cache: memory over SQLite, keyed by the lemmas of a request."""

import hashlib
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from generator import events
from generator.events import Trace
from generator.memo import kept
from generator.spec import Recognition

T = TypeVar("T")

SCHEMA_VERSION = 2
FILE_NAME = "recognition_cache.db"
MAX_SIZE = 1000
BUSY_TIMEOUT_SECONDS = 5.0

LANGUAGES = ("en", "pt")
# Words that change nothing about what is asked for, in both languages.
_ENGLISH = "a an the please kindly that which has have with and of for to its their"
_PORTUGUESE = "um uma uns umas o os as por favor que tem tenha com e de do da dos das para seu sua"
_STOP_WORDS = frozenset(f"{_ENGLISH} {_PORTUGUESE}".split())
# Numbers with their sign and comparisons make rules ("age >= 18"): they are words here.
# Signs behind a word belong to it ("A+", "C++", "C#").
_TOKEN = re.compile(r"[-+]?\d+(?:[.,]\d+)*|[^\W_]+(?:[+#]+|-(?!\w))?|[<>]=?|!?==?|[%$€]")
# "a", "e" and "o" before another word are stop words; in "grade must be A, B or C" they are values.
_LETTER = re.compile(r"\b([aeo])\b(?!\s+(?!(?:or|ou|and|to|e(?!-))\b)\w)")

_TABLE = """
CREATE TABLE IF NOT EXISTS recognitions (
    key TEXT, version TEXT, entry TEXT NOT NULL, sha256 TEXT NOT NULL, used_at INTEGER NOT NULL,
    PRIMARY KEY (key, version)
)"""
_READ = "SELECT entry, sha256 FROM recognitions WHERE key = ? AND version = ?"
_DROP = "DELETE FROM recognitions WHERE key = ? AND version = ?"
_NOW = "(SELECT coalesce(max(used_at), 0) + 1 FROM recognitions)"
_TOUCH = f"UPDATE recognitions SET used_at = {_NOW} WHERE key = ? AND version = ?"  # noqa: S608
_WRITE = f"INSERT OR REPLACE INTO recognitions VALUES (?, ?, ?, ?, {_NOW})"  # noqa: S608
_CLEAN_UP = """
DELETE FROM recognitions WHERE rowid IN
    (SELECT rowid FROM recognitions ORDER BY used_at DESC LIMIT -1 OFFSET ?)"""


def key_of(words: str) -> str:
    """The normal form of a request: lower-case lemmas in order, without stop words."""
    return kept(_version(), words, lambda text: " ".join(_lemmas(text.lower())))


@cache  # neither changes while a process runs
def _version() -> str:
    """A key depends on the dictionaries and on what stands in this file."""
    rules = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"keys-{version('simplemma')}-{rules[:16]}"


def _lemmas(words: str) -> Iterator[str]:
    values = {match.start() for match in _LETTER.finditer(words)}
    for match in _TOKEN.finditer(words):
        if match[0] not in _STOP_WORDS or match.start() in values:
            # simplemma takes the sign off a number
            yield _lemma(match[0]) if match[0].isalpha() else match[0]


@lru_cache(maxsize=4096)  # a lemma is a pure function of its word, and looking it up is slow
def _lemma(token: str) -> str:
    import simplemma  # noqa: PLC0415  its dictionaries take a third of a second to load

    lemma: str = simplemma.lemmatize(token, lang=LANGUAGES)
    return lemma.lower()


class RecognitionCache:
    """What requests were recognised as, across restarts and processes.

    `version` names what an entry depends on beside its key (schema, prompt, model): entries of
    another version are not seen. Nothing that is wrong with the file fails a request: it is told,
    a damaged file or row is removed, and only hits are lost. To be closed after use.
    """

    def __init__(self, folder: Path, version: str, *, max_size: int = MAX_SIZE) -> None:
        self._path = folder / FILE_NAME
        self._version = f"{SCHEMA_VERSION}:{version}"
        self._max_size = max_size
        self._memory: OrderedDict[str, Recognition] = OrderedDict()
        self._connection: sqlite3.Connection | None = None

    def get(self, words: str, trace: Trace) -> Recognition | None:
        """What a request was recognised as, or None; tells a hit or a miss."""
        key = key_of(words)
        found, tier = self._memory.get(key), "memory"
        if found is None:
            found, tier = self._read(key, trace), "disk"
        if found is None:
            trace(events.CACHE_MISS, key=key)
            return None
        self._remember(key, found)
        self._on_disk(lambda disk: disk.execute(_TOUCH, (key, self._version)), trace)
        trace(events.CACHE_HIT, key=key, tier=tier)
        return found

    def put(self, words: str, recognition: Recognition, trace: Trace) -> None:
        """Keep an entry; the least recently used ones go when there are too many."""
        key, entry = key_of(words), recognition.model_dump_json()
        self._remember(key, recognition)

        def write(disk: sqlite3.Connection) -> int:
            digest = self._digest(key, entry)
            disk.execute(_WRITE, (key, self._version, entry, digest))
            return disk.execute(_CLEAN_UP, (self._max_size,)).rowcount

        removed = self._on_disk(write, trace)
        if removed is not None:
            trace(events.CACHE_WRITE, key=key)
        if removed:
            trace(events.CACHE_CLEANUP, removed=removed)

    def close(self) -> None:
        """Let go of the file; using the cache again opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _remember(self, key: str, recognition: Recognition) -> None:
        self._memory[key] = recognition
        self._memory.move_to_end(key)
        while len(self._memory) > self._max_size:
            self._memory.popitem(last=False)

    def _read(self, key: str, trace: Trace) -> Recognition | None:
        place = (key, self._version)
        row = self._on_disk(lambda disk: disk.execute(_READ, place).fetchone(), trace)
        if row is None:
            return None
        entry, digest = row
        if self._digest(key, entry) == digest:
            try:
                return Recognition.model_validate_json(entry)
            except ValidationError:  # told below: a row that cannot be read is damaged too
                pass
        trace(events.CACHE_CORRUPT, what="row", key=key)
        self._on_disk(lambda disk: disk.execute(_DROP, place), trace)
        return None

    def _digest(self, key: str, entry: str) -> str:
        return hashlib.sha256(f"{key}\n{self._version}\n{entry}".encode()).hexdigest()

    def _on_disk(self, work: Callable[[sqlite3.Connection], T], trace: Trace) -> T | None:
        """What `work` answers in one transaction, or None if the file cannot be used."""
        for _ in ("as it is", "made anew"):
            try:
                if self._connection is None:
                    self._connection = _opened(self._path)
                with self._connection:
                    return work(self._connection)
            except (sqlite3.DatabaseError, OSError) as error:
                self.close()
                if not _is_damage(error):  # locked, full, read-only: another time it may work
                    trace(events.CACHE_UNAVAILABLE, reason=str(error))
                    return None
                trace(events.CACHE_CORRUPT, what="file", reason=str(error))
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(FILE_NAME + suffix).unlink(missing_ok=True)
        return None


def _is_damage(error: Exception) -> bool:
    """Is the file no database, broken, or one with another table of the same name?"""
    if not isinstance(error, sqlite3.OperationalError):
        return isinstance(error, sqlite3.DatabaseError)
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def _opened(path: Path) -> sqlite3.Connection:
    """A connection for several processes at once: readers do not wait, writers wait in turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        # What does not decode must reach the digest, which tells that it is damaged.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        # A lost last write costs one more call; waiting for the disk would cost every write.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(_TABLE)
    except BaseException:
        connection.close()
        raise
    return connection
