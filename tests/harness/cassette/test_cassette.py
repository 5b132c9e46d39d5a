"""Recordings in memory: what makes two requests the same, and which answer the n-th one gets."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interactions import interaction

from flagbench.cassette.cassette import (
    Cassette,
    canonical,
    canonical_body,
    request_digest,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_ignores_order_and_blanks_only(value: object) -> None:
    """However a body is laid out, its canonical text is one; and it is still the same value."""
    told = canonical(value)
    assert canonical(json.loads(json.dumps(value, indent=3))) == told
    assert json.loads(told) == value
    assert told.isascii()


def test_the_order_of_keys_is_no_difference_and_of_messages_is_one() -> None:
    """JSON objects have no order, JSON lists do."""
    digest = request_digest("POST", "/v1/x", b'{"a": 1, "b": [1, 2]}')
    assert request_digest("POST", "/v1/x", b'{"b":[1,2],"a":1}') == digest
    assert request_digest("POST", "/v1/x", b'{"b":[2,1],"a":1}') != digest


@pytest.mark.parametrize(
    "other",
    [
        ("GET", "/v1/x", b'{"a": 1}'),
        ("POST", "/v1/y", b'{"a": 1}'),
        ("POST", "/v1/x", b'{"a": 2}'),
        ("POST", "/v1/x", b'{"a": 1} '[:-2]),
        ("POST", "/v1/x", b""),
        ("POST", "/v1/x", None),
    ],
)
def test_method_path_and_body_each_make_another_request(
    other: tuple[str, str, bytes | None],
) -> None:
    """Whatever differs, the digest differs."""
    assert request_digest(*other) != request_digest("POST", "/v1/x", b'{"a": 1}')


def test_a_body_that_is_not_json_is_compared_by_its_bytes() -> None:
    """Even bytes that are no text."""
    assert canonical_body(b"\xff\x00") == "\\xff\x00"
    assert canonical_body(b"\xff") != canonical_body(b"\xfe")


def test_the_nth_identical_request_finds_the_nth_answer() -> None:
    """Whatever lies between them, and no further than was recorded."""
    first, other, second = interaction(), interaction("other"), interaction(answer="c")
    cassette = Cassette.of(Path("t.yaml"), {}, [first, other, second])
    assert [cassette.find(first.key, n) for n in range(3)] == [0, 2, None]
    assert cassette.find(other.key, 0) == 1
    assert cassette.find("unknown", 0) is None


@pytest.mark.parametrize(
    "change",
    [
        {"status": 500},
        {"elapsed_seconds": 1.500001},
        {"response_body": b'{"content": "edited"}'},
        {"request_body": b'{"model": "m", "prompt": "edited"}'},
        {"method": "GET"},
        {"path": "/v1/other"},
    ],
)
def test_the_digest_notices_a_change(change: dict[str, object]) -> None:
    """Request, status, answer and latency are each part of it."""
    assert interaction(**change).digest != interaction().digest


def test_a_cassette_has_one_digest_in_whatever_order_it_was_recorded() -> None:
    """Another order of the same calls is the same recording; another call is not."""
    one, two = interaction(), interaction("other")
    cassette = Cassette.of(Path("t.yaml"), {}, [one, two])
    assert Cassette.of(Path("u.yaml"), {}, [two, one]).digest == cassette.digest
    before = cassette.digest
    cassette.add(interaction("third"))
    assert cassette.digest != before


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b'data: {"choices": []}\n\ndata: {"error": {"message": "busy"}}\n\n', "stream error"),
        (b'event: error\ndata: {"type": "error", "error": {}}\n\n', "stream error"),
        (b'data: {"type": "response.failed", "response": {"error": {"code": "x"}}}\n\n',
         "stream error"),
        (b'data: {"error": null, "choices": [{"delta": {"content": "an \\"error\\""}}]}\n\n', ""),
        (b'{"choices": [{"message": {"content": "data: {\\"error\\": 1}"}}]}', ""),
    ],
)  # fmt: skip
def test_an_error_in_a_stream_is_a_failed_call(body: bytes, failure: str) -> None:
    """Its status is 200, and the client raises an error all the same."""
    call = interaction(response_body=body)
    assert (call.failure, call.is_answered) == (failure, not failure)
