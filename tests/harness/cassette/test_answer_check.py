"""Answers that no client can use are the provider's fault; all others are answers."""

import json

import pytest

from flagbench.cassette.answer_check import fault_of

JSON = "application/json"
SSE = "text/event-stream; charset=utf-8"
GOOD = b'{"choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}]}'
CHUNK = b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'
LAST = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


def fault(
    body: bytes,
    *,
    path: str = "/v1/chat/completions",
    content_type: str = JSON,
    status: int = 200,
    stream: bool = False,
    method: str = "POST",
) -> str:
    """What is wrong with an answer."""
    return fault_of(
        method=method,
        path=path,
        request_body=json.dumps({"model": "m", **({"stream": True} if stream else {})}).encode(),
        status=status,
        headers={"content-type": (content_type,)} if content_type else {},
        body=body,
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (GOOD[:40], "it is not JSON ("),
        (b"", "it has status 200 and no body"),
        (b"<html>sign in</html>", "it is not JSON ("),
        (b"null", "it is null in place of an object"),
        (b"[1,2,3]", "it is [1, 2, 3] in place of an object"),
        (b'"text"', 'it is "text" in place of an object'),
        (b'{"id": "x"}', "it has no 'choices'"),
        (b'{"choices": null}', "it has no 'choices'"),
        (b'{"choices": []}', "its list 'choices' is empty"),
        (b'{"choices": [{"message": "a"}]}', 'its messages are ["a"] in place of objects'),
        (b'{"choices": [{"text": "a"}]}', "its messages are [null] in place of objects"),
        (b'{"choices": ["a"]}', "its 'choices' are [\"a\"] in place of objects"),
        (b'{"choices": [{}], "n": ' + b"9" * 5000 + b"}", "it is not JSON (Exceeds the limit"),
        (b"[" * 200_000, "it is not JSON ("),
        (b'{"choices": [{"text": "\xff"}]}', "it is not JSON ("),
        (GOOD + b"}", "it is not JSON (Extra data"),
    ],
    ids=lambda value: repr(value[:24]),
)
@pytest.mark.parametrize("content_type", [JSON, "text/html", ""])
def test_what_is_not_a_completion_is_named(body: bytes, told: str, content_type: str) -> None:
    """Whatever it says it is."""
    assert fault(body, content_type=content_type).startswith(told)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_completion_without_a_body_is_named(status: int) -> None:
    """Also with the status that says that there is none."""
    assert fault(b"", status=status) == f"it has status {status} and no body"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "it is an event stream without an event"),
        (GOOD, "it is not an event stream"),
        (b"<html>", "it is not an event stream"),
        (CHUNK + b'data: {"choi\n\n', "event 2 of its stream is not JSON ("),
        (CHUNK + b"data: \xff\n\n", "it is an event stream that is not UTF-8 ("),
        (CHUNK * 3, "its event stream breaks off"),
        (DONE, "it is an event stream without an event"),
    ],
)
def test_what_is_not_a_stream_is_named(body: bytes, told: str) -> None:
    """The client would see no end, or no event."""
    assert fault(body, content_type=SSE, stream=True).startswith(told)


@pytest.mark.parametrize(
    "body",
    [
        CHUNK + LAST + DONE, CHUNK + DONE, CHUNK + LAST, (CHUNK + LAST).replace(b"\n", b"\r\n"),
        b": ping\n\n" + CHUNK + LAST, CHUNK + b'data: {"error": {"message": "overloaded"}}\n\n',
        (CHUNK + LAST).rstrip(),
    ],
)  # fmt: skip
def test_a_stream_that_ends_is_an_answer(body: bytes) -> None:
    """With or without `[DONE]`, and also when it ends in an error."""
    assert fault(body, content_type=SSE, stream=True) == ""


@pytest.mark.parametrize(
    ("path", "body", "content_type", "told"),
    [
        ("/v1/responses", b'{"output": []}', JSON, ""),
        ("/v1/responses", b'{"choices": [{}]}', JSON, "it has no 'output'"),
        ("/v1/embeddings", b'{"data": [{"embedding": []}]}', JSON, ""),
        ("/v1/embeddings", b"{}", JSON, "it has no 'data'"),
        ("/v1/deployments/d/chat/completions?api-version=1", b"{}", JSON, "it has no 'choices'"),
        ("/v1/completions", b'{"choices": [{"text": "a"}]}', JSON, ""),
        ("/v1/audio/speech", b"ID3\x03\xff", "audio/mpeg", ""),
        ("/v1/audio/speech", b"ID3\x03\xff", JSON, "it is not JSON ("),
        ("/v1/audio/speech", b"", "audio/mpeg", "it has status 200 and no body"),
        ("/v1/audio/transcriptions", b"words", "text/plain", ""),
        ("/v1/files", b"<html>", "text/html", "it is an HTML page"),
        ("/v1/files", b"null", JSON, ""),
    ],
)
def test_each_endpoint_is_held_against_what_it_answers(
    path: str, body: bytes, content_type: str, told: str
) -> None:
    """An mp3 need not be JSON; what says that it is JSON must be."""
    assert fault(body, path=path, content_type=content_type)[: len(told) or None] == told


@pytest.mark.parametrize("status", [307, 400, 404, 429, 500, 502])
def test_an_error_may_have_any_body(status: int) -> None:
    """It is an error whatever a gateway writes with it."""
    for body in (b"", b"<html>", b"{", b"\xff"):
        assert fault(body, status=status) == ""


def test_a_deleted_file_has_no_body() -> None:
    """204 is right where there is nothing to say."""
    assert fault(b"", path="/v1/files/f", method="DELETE", status=204) == ""
    assert fault(GOOD, content_type="text/plain") == ""


CLAUDE, GEMINI = "/v1/messages", "/v1beta/models/g:generateContent"
GEMINI_STREAM = "/v1beta/models/g:streamGenerateContent"
STARTED = b'data: {"type": "message_start", "message": {}}\n\n'
PIECE = b'{"candidates": [{"content": {"parts": []}}]}'
LAST_PIECE = b'{"candidates": [{"finishReason": "STOP"}]}'


@pytest.mark.parametrize(
    ("path", "content_type", "stream", "body", "told"),
    [
        (CLAUDE, JSON, False, b'{"type": "message", "content": []}', ""),
        (CLAUDE, JSON, False, b'{"type": "message"}', "it has no 'content'"),
        (CLAUDE, JSON, False, b'{"type": "message", "cont', "it is not JSON ("),
        (CLAUDE, SSE, True, STARTED + b'data: {"type": "message_stop"}\n\n', ""),
        (CLAUDE, SSE, True, STARTED, "its event stream breaks off"),
        (CLAUDE, SSE, True, STARTED + b'data: {"type": "error", "error": {}}\n\n', ""),
        (GEMINI, JSON, False, LAST_PIECE, ""),
        (GEMINI, JSON, False, b'{"promptFeedback": {"blockReason": "SAFETY"}}', ""),
        (GEMINI, JSON, False, b'{"usageMetadata": {}}', "it has no 'candidates'"),
        (GEMINI, JSON, False, b'{"candidates": []}', "its list 'candidates' is empty"),
        (GEMINI_STREAM, SSE, False, b"data: %s\n\ndata: %s\n\n" % (PIECE, LAST_PIECE), ""),
        (GEMINI_STREAM, SSE, False, b"data: %s\n\n" % PIECE, "its event stream breaks off"),
        (GEMINI_STREAM, JSON, False, b"[%s, %s]" % (PIECE, LAST_PIECE), ""),
        (GEMINI_STREAM, JSON, False, b"[%s]" % PIECE, "its list of events breaks off"),
        (GEMINI_STREAM, JSON, False, b"[%s, " % PIECE, "it is not JSON ("),
    ],
)
def test_answers_of_other_vendors(
    path: str, content_type: str, stream: bool, body: bytes, told: str
) -> None:
    """A half answer of Anthropic or Gemini is a fault; a refused prompt is an answer."""
    given = fault(body, path=path, content_type=content_type, stream=stream)
    assert given == told or (told and given.startswith(told))
