"""Chunks of a stream: read strictly, and right after their body has been edited."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interactions import interaction

from flagbench.cassette import chunks, cleaning, file, journal
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.chunks import Chunk, Edit
from flagbench.errors import CouldNotRun

BODY = b"data: 1\n\ndata: 2\n\n"
TIMED = (Chunk(9, 0.5), Chunk(18, 1.25))


def streamed(**changes: object) -> Interaction:
    """A call whose answer came in two chunks."""
    return interaction(**{"response_body": BODY, "chunks": TIMED, **changes})


def test_chunks_come_back_from_a_cassette_and_from_a_journal(tmp_path: Path) -> None:
    """And a call without them has no key for them in either."""
    cassette = Cassette.of(tmp_path / "1.yaml", {}, [streamed(), interaction("plain")])
    file.save(cassette)
    loaded = file.load(cassette.path, record_command="").interactions
    assert [one.chunks for one in loaded] == [TIMED, ()]
    assert cassette.path.read_text().count("chunks") == 1
    for one in cassette.interactions:
        journal.append(cassette.path, one)
    assert [one.chunks for one in journal.read(cassette.path)] == [TIMED, ()]
    lines = journal.path_of(cassette.path).read_text().splitlines()
    assert ["chunks" in line for line in lines] == [True, False]


def test_the_digest_covers_the_chunks() -> None:
    """Their ends and their times; without them it is that of a plain answer."""
    others = [(), (Chunk(8, 0.5), TIMED[1]), (Chunk(9, 0.6), TIMED[1]), TIMED]
    assert len({streamed(chunks=one).digest for one in others}) == 4
    told = streamed(chunks=()).digest
    assert told == replace(streamed(), chunks=()).digest


DAMAGED = {
    "another time": ("9 500.000", "9 501.000"),
    "an unsorted time": ("9 500.000", "9 1300.000"),
    "a negative time": ("9 500.000", "9 -1.000"),
    "no time": ("9 500.000", "9 nan"),
    "an infinite time": ("18 1250.000", "18 inf"),
    "a time past the end of the answer": ("18 1250.000", "18 9250.000"),
    "an end past that of the body": ("18 1250.000", "19 1250.000"),
    "an end before that of the body": ("18 1250.000", "17 1250.000"),
    "unsorted ends": ("9 500.000", "18 500.000"),
    "a negative end": ("9 500.000", "-9 500.000"),
    "words": ("9 500.000", "nine 500.000"),
    "one number": ("9 500.000", "9"),
    "an empty line": ("9 500.000", ""),
}


@pytest.mark.parametrize(("old", "new"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_chunks_are_one_error_that_names_the_call(
    tmp_path: Path, old: str, new: str
) -> None:
    """Also where somebody computed the digest again."""
    cassette = Cassette.of(tmp_path / "1.yaml", {}, [interaction("plain"), streamed()])
    file.save(cassette)
    text = cassette.path.read_text()
    assert old in text
    cassette.path.write_text(text.replace(old, new))
    with pytest.raises(CouldNotRun, match=r"interaction 2 (is damaged|was edited by hand)") as told:
        file.load(cassette.path, record_command="flagbench record x.yaml")
    assert len(told.value.problems) == 1


@pytest.mark.parametrize(
    "wrong", [(Chunk(9, 2.0), Chunk(18, 1.0)), (Chunk(9, 0.5),), (Chunk(9, 0.5), Chunk(30, 1.0))]
)
def test_wrong_chunks_are_damage_although_the_digest_is_right(
    tmp_path: Path, wrong: tuple[Chunk, ...]
) -> None:
    """In a cassette, and in a journal, whose line then counts as not answered."""
    cassette = Cassette.of(tmp_path / "1.yaml", {}, [streamed(chunks=wrong)])
    file.save(cassette)
    with pytest.raises(CouldNotRun, match="interaction 1 is damaged"):
        file.load(cassette.path, record_command="")
    journal.append(cassette.path, cassette.interactions[0])
    assert journal.read(cassette.path) == []
    assert journal.damaged_lines(cassette.path) == [1]


@pytest.mark.parametrize(
    ("edits", "ends"),
    [
        ([], [4, 8, 12]),
        ([Edit(0, 2, 5)], [7, 11, 15]),
        ([Edit(1, 2, 0), Edit(9, 10, 4)], [3, 7, 14]),
        ([Edit(3, 6, 1)], [3, 6, 10]),
        ([Edit(0, 12, 5)], [5]),
        ([Edit(2, 12, 3)], [2, 5]),
        ([Edit(4, 8, 0)], [4, 8]),
    ],
)
def test_chunks_follow_the_edits_of_their_body(edits: list[Edit], ends: list[int]) -> None:
    """What replaces the bytes of several chunks arrives with the last of them."""
    timed = (Chunk(4, 1.0), Chunk(8, 2.0), Chunk(12, 3.0))
    moved = chunks.moved(timed, edits)
    assert [one.end for one in moved] == ends
    assert moved[-1].seconds in (2.0, 3.0)
    assert [one.seconds for one in moved] == sorted(one.seconds for one in moved)


@given(
    st.lists(st.sampled_from(["a", "sk-secret", "\n", "data: ", "b" * 7]), min_size=1),
    st.lists(st.integers(1, 400), max_size=6),
)
def test_replaced_secrets_leave_every_chunk_at_its_place(
    parts: list[str], places: list[int]
) -> None:
    """A chunk that ends outside of a secret ends at the same text afterwards."""
    body = "".join(parts).encode()
    ends = sorted({*(place for place in places if place < len(body)), len(body)})
    timed = tuple(Chunk(end, float(number)) for number, end in enumerate(ends))
    after = body.replace(b"sk-secret", b"scrubbed")
    moved = chunks.moved(timed, chunks.edits_between(body, after))
    chunks.check(moved, len(after), 1000.0)
    by_time = {one.seconds: one.end for one in moved}
    for one in timed:
        inside = any(
            found.start() < one.end < found.end() for found in re.finditer(b"sk-secret", body)
        )
        head = body[: one.end].replace(b"sk-secret", b"scrubbed")
        if not inside and one.seconds in by_time:
            assert by_time[one.seconds] == len(head)


def test_a_cleaned_cassette_keeps_the_times_of_its_chunks(tmp_path: Path) -> None:
    """A secret that is found later is shorter or longer than what replaces it."""
    key = "sk-proj-" + "a1B2c3D4" * 6
    events = [f'data: {{"text": "{text}"}}\n\n'.encode() for text in ("x", key, "y")]
    ends = [sum(map(len, events[: place + 1])) for place in range(3)]
    timed = tuple(Chunk(end, place / 4) for place, end in enumerate(ends))
    cassette = Cassette.of(
        tmp_path / "1.yaml", {}, [streamed(response_body=b"".join(events), chunks=timed)]
    )
    file.save(cassette)
    assert cleaning.clean_file(cassette.path, (), is_check=False).counts
    (call,) = file.load(cassette.path, record_command="").interactions
    parts = list(chunks.bytes_of(call.chunks, call.response_body))
    assert [part for part, _ in parts][::2] == events[::2]
    assert json.loads(parts[1][0][5:])["text"] != key
    assert [seconds for _, seconds in parts] == [0.0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("path", "body", "status", "content_type", "told"),
    [
        ("/v1/chat/completions", b'{"stream": true}', 200, "application/json", True),
        ("/v1/chat/completions", b'{"stream": true}', 429, "application/json", False),
        ("/v1/chat/completions", b"{}", 200, "application/json", False),
        ("/v1/x", b"", 200, "text/event-stream; charset=utf-8", True),
        ("/v1/x", b"", 200, "Application/X-NDJSON", True),
        ("/v1/models/m:streamGenerateContent?alt=json", b"{}", 200, "application/json", True),
        ("/v1/models/m:generateContent", b"{}", 200, "application/json", False),
        ("/v1/x", b"[" * 100_000, 200, "", False),
    ],
)
def test_a_stream_is_what_a_client_reads_while_it_arrives(
    path: str, body: bytes, status: int, content_type: str, told: bool
) -> None:
    """By its content type, its address or its request."""
    assert chunks.is_stream(path, body, status, content_type) is told
