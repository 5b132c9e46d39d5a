"""Places with words that should not be readable: tables, files, codes that need no key."""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flagbench.acceptance.probe_client import ProbeClient

_WORD = re.compile(r"\w{8,}")
_CODED = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
# Codes within codes, and what is read of one that grows.
_LAYERS, _MOST_BYTES = 3, 2**20
# The bits that a character of a code has, and after how many bytes it begins again.
_CODES: tuple[tuple[Callable[[bytes], bytes], int, int], ...] = (
    (base64.b64encode, 6, 3), (base64.urlsafe_b64encode, 6, 3), (base64.b32encode, 5, 5),
)  # fmt: skip
_DATABASE = re.compile(r"app\.db(-journal|-wal|-shm)?")


def words_of(value: Any) -> list[str]:
    """The long words of a text; of another value none."""
    return _WORD.findall(value) if isinstance(value, str) else []


def forms(word: str) -> set[str]:
    """A word, and how it looks in a code, wherever it begins there."""
    data, found = word.encode(), {word, word[::-1], word.encode().hex()}
    for code, bits, period in _CODES:
        for before in range(period):
            coded = code(bytes(before) + data).decode()
            found.add(coded[-(-before * 8 // bits) : (before + len(data)) * 8 // bits])
    return found


def reveals(stored: str, secret: str) -> bool:
    """True if a stored text has a word of a secret, in letters of any case or in a code."""
    wanted = [form.lower().encode() for word in words_of(secret) for form in forms(word)]
    layers = _decoded(stored.encode("utf-8", "replace"), _LAYERS)
    return any(form in data.lower() for data in layers for form in wanted)


def _decoded(data: bytes, layers: int) -> Iterator[bytes]:
    """Data, and what comes of it and of its parts when they are decoded."""
    yield data
    if not layers:
        return
    for width in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            yield zlib.decompressobj(width).decompress(data, _MOST_BYTES)
        except zlib.error:
            continue
    for part in _CODED.findall(data):
        padded = part.translate(bytes.maketrans(b"-_", b"+/")) + b"=="
        for decode in (base64.b64decode, _from_base32, binascii.unhexlify):
            try:
                inner = decode(part if decode is binascii.unhexlify else padded)
            except ValueError:
                continue
            yield from _decoded(inner, layers - 1)


def _from_base32(padded: bytes) -> bytes:
    text = padded.rstrip(b"=")
    return base64.b32decode(text + b"=" * (-len(text) % 8), casefold=True)


def texts_of_rows(probe: ProbeClient, table: str) -> list[str]:
    """Every value of a table as text, bytes in hexadecimal digits."""
    values = ", ".join(
        f'CASE typeof("{name}") WHEN \'blob\' THEN hex("{name}") ELSE CAST("{name}" AS TEXT) END'
        f' AS "{name}"'
        for name in probe.columns(table)
    )
    rows = probe.query(f'SELECT {values} FROM "{table}"')  # noqa: S608  a table that is there
    return [str(value) for row in rows for value in row.values()]


def tables_of(probe: ProbeClient) -> list[str]:
    """The tables of the database."""
    names = probe.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [str(row["name"]) for row in names]


def where_revealed(probe: ProbeClient, secret: str) -> str:
    """The table or the file in which a secret can be read; "" for none."""
    for table in tables_of(probe):
        if any(reveals(text, secret) for text in texts_of_rows(probe, table)):
            return f"the table {table}"
    coded = sorted({form for word in words_of(secret) for form in forms(word)})
    return next((f"the file {name}" for name in probe.holding(coded)), "")


def where_left(probe: ProbeClient, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Left-overs of the texts of rows that were deleted, and where; "" for nothing."""
    texts = {
        f"{table}.{name}": words_of(value)
        for table, each in rows.items()
        for row in each
        for name, value in row.items()
    }
    tables = {table: "\n".join(texts_of_rows(probe, table)).lower() for table in tables_of(probe)}
    for name, words in texts.items():
        for table, text in tables.items():
            if any(word.lower() in text for word in words):
                return f"the table {table} still has {name}"
        # Free pages of the database may have copies, which only SQLite could reach.
        for file in probe.holding(words) if words else ():
            if not _DATABASE.fullmatch(file):
                return f"the file {file} still has {name}"
    return ""
