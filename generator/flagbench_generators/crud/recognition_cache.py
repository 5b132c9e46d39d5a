"""The recognition cache: recognised requests, keyed by their lemmas."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from flagbench_generators.crud.spec import Recognition
from flagbench_generators.kernel.disk_memo import memoise
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.sqlite_cache import MAX_SIZE, Codec, SqliteCache

FILE_NAME = "recognition_cache.db"

LANGUAGES = ("en", "pt")
# Words that do not change the meaning of a request, in both languages.
_ENGLISH = "a an the please kindly that which has have with and of for to its their"
_PORTUGUESE = "um uma uns umas o os as por favor que tem tenha com e de do da dos das para seu sua"
_STOP_WORDS = frozenset(f"{_ENGLISH} {_PORTUGUESE}".split())
# Numbers with their sign and comparisons make rules ("age >= 18"): they are words here.
# Signs behind a word belong to it ("A+", "C++", "C#").
_TOKEN = re.compile(r"[-+]?\d+(?:[.,]\d+)*|[^\W_]+(?:[+#]+|-(?!\w))?|[<>]=?|!?==?|[%$€]")
# "a", "e" and "o" before another word are stop words; in "grade must be A, B or C" they are values.
_LETTER = re.compile(r"\b([aeo])\b(?!\s+(?!(?:or|ou|and|to|e(?!-))\b)\w)")

_CODEC: Codec[Recognition] = Codec(Recognition.model_dump_json, Recognition.model_validate_json)


def key_of(words: str) -> str:
    """Return the normal form of a request: lower-case lemmas in order, without stop words."""
    return memoise(_version(), words, lambda text: " ".join(_lemmas(text.lower())))


@cache  # the version is read from a file
def _version() -> str:
    return f"keys-{version('simplemma')}"


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
    """Recognised requests, across restarts and processes. Must be closed after use.

    `version` is what a recognition depends on besides the words: schema, prompt, model.
    """

    def __init__(self, folder: Path, version: str, *, max_size: int = MAX_SIZE) -> None:
        self._store = SqliteCache(
            folder / FILE_NAME, "recognitions", version, _CODEC, max_size=max_size
        )

    def get(self, words: str, trace: Trace) -> Recognition | None:
        """Return the recognition of a request, or None; emits a hit or a miss."""
        return self._store.get(key_of(words), trace)

    def put(self, words: str, recognition: Recognition, trace: Trace) -> None:
        """Store a recognition."""
        self._store.put(key_of(words), recognition, trace)

    def close(self) -> None:
        """Close the file."""
        self._store.close()
