"""Chunks of a streamed answer: how many of its bytes had arrived, and when."""

import difflib
import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from flagbench.cassette.answer_check import EVENT_STREAM, JSON_LINES, asks_for_stream

_STREAMS = (EVENT_STREAM, "application/vnd.amazon.eventstream", *JSON_LINES)
# A provider that says so in the address, not in the body.
_STREAMING_PATH = re.compile(r":stream\w+|/\w+-with-response-stream|/converse-stream")
# Longer texts without a line in common are not compared character by character.
_COMPARED_BYTES = 4096


class Chunk(NamedTuple):
    """A chunk: the bytes of the body (content decoded) up to `end`, and the time of its arrival.

    `seconds` count from the beginning of the request.
    """

    end: int
    seconds: float


class Edit(NamedTuple):
    """Bytes from `start` to `end` that others, `length` in number, replace."""

    start: int
    end: int
    length: int


Chunks = tuple[Chunk, ...]


def is_stream(path: str, request_body: bytes, status: int, content_type: str) -> bool:
    """True for a good answer that a client reads while it arrives."""
    if not 200 <= status < 300:
        return False
    kind = content_type.partition(";")[0].strip().lower()
    return (
        kind in _STREAMS
        or bool(_STREAMING_PATH.search(path.partition("?")[0]))
        or asks_for_stream(request_body)
    )


def check(chunks: Sequence[Chunk], size: int, elapsed_seconds: float) -> None:
    """Raise `ValueError` for chunks that no stream of `size` bytes and this latency has."""
    if not chunks:
        return
    ends = [0, *(chunk.end for chunk in chunks)]
    if any(type(end) is not int for end in ends) or any(
        end <= before for before, end in pairwise(ends)
    ):
        raise ValueError("chunks whose ends do not increase")
    if ends[-1] != size:
        raise ValueError(f"chunks up to byte {ends[-1]} of a body of {size} bytes")
    times = [0.0, *(chunk.seconds for chunk in chunks), elapsed_seconds]
    if not all(isinstance(time, (int, float)) and math.isfinite(time) for time in times) or any(
        time < before for before, time in pairwise(times)
    ):
        raise ValueError("chunks whose times do not increase from 0 s to the end of the answer")


def text_of(chunks: Iterable[Chunk]) -> str:
    """Format as one line a chunk: its end in bytes, its time in milliseconds."""
    return "\n".join(f"{chunk.end} {chunk.seconds * 1000:.3f}" for chunk in chunks)


def parse(text: str) -> Chunks:
    """Parse what `text_of` writes. Raises `ValueError`."""
    chunks = []
    for line in text.split("\n"):
        end, milliseconds = line.split(" ")
        if not end.isascii() or not end.isdecimal():
            raise ValueError(f"a chunk that ends at byte {end!r}")
        chunks.append(Chunk(int(end), round(float(milliseconds) / 1000, 6)))
    return tuple(chunks)


def bytes_of(chunks: Iterable[Chunk], body: bytes) -> Iterator[tuple[bytes, float]]:
    """The bytes of each chunk of a body, and its time."""
    start = 0
    for chunk in chunks:
        yield body[start : chunk.end], chunk.seconds
        start = chunk.end


def seconds_at(chunks: Sequence[Chunk], end: int) -> float:
    """The time at which the body had arrived up to `end`."""
    return chunks[bisect_left(chunks, end, key=lambda chunk: chunk.end)].seconds


def moved(chunks: Iterable[Chunk], edits: Iterable[Edit]) -> Chunks:
    """The chunks after edits (sorted, apart) of their body.

    What replaces the bytes of several chunks arrives with the last of them.
    """
    left = list(edits)[::-1]
    shift, kept = 0, list[Chunk]()
    for chunk in chunks:
        while left and left[-1].end <= chunk.end:
            edit = left.pop()
            shift += edit.length - (edit.end - edit.start)
        end = (left[-1].start if left and left[-1].start < chunk.end else chunk.end) + shift
        if end > (kept[-1].end if kept else 0):
            kept.append(Chunk(end, chunk.seconds))
    return tuple(kept)


def edits_between(before: bytes, after: bytes) -> Iterator[Edit]:
    """The edits that made a body another one, line by line where it has as many lines."""
    if before == after:
        return
    old, new = (body.splitlines(keepends=True) for body in (before, after))
    if len(old) != len(new):
        old, new = [before], [after]
    start = 0
    for was, now in zip(old, new, strict=True):
        if was != now:
            yield from _edits_of_line(start, was, now)
        start += len(was)


def _edits_of_line(start: int, was: bytes, now: bytes) -> Iterator[Edit]:
    shorter = min(len(was), len(now))
    head = next((n for n in range(shorter) if was[n] != now[n]), shorter)
    most = shorter - head
    tail = next((n for n in range(most) if was[-1 - n] != now[-1 - n]), most)
    old, new = was[head : len(was) - tail], now[head : len(now) - tail]
    if max(len(old), len(new)) > _COMPARED_BYTES:
        yield Edit(start + head, start + head + len(old), len(new))
        return
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind != "equal":
            yield Edit(start + head + first, start + head + last, new_last - new_first)
