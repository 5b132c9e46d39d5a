"""The recorded call that answers a request which is not recorded."""

import json
from pathlib import Path

import pytest
from interactions import interaction

from flagbench.cassette import vcr_adapter
from flagbench.cassette.cassette import Cassette, request_digest
from flagbench.cassette.counterpart import Counterparts
from flagbench.cassette.vcr_adapter import NEAREST, PAIRED, Counterpart, SentRequest
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx

PATH = "/v1/chat/completions"
WRITE, REVIEW = "You are an engineer.\nWrite {}", "You are a reviewer.\nReview {}"
RECORDED = (
    WRITE.format("a"), WRITE.format("b"), REVIEW.format("a"), REVIEW.format("b"),
    WRITE.format("a"),
)  # fmt: skip


def chat(text: str, **more: object) -> bytes:
    """The body of a chat completion."""
    return json.dumps({"messages": [{"role": "user", "content": text}], **more}).encode()


def sent(text: str, **more: object) -> SentRequest:
    """A request as a subject sends it."""
    body = chat(text, **more)
    return SentRequest("POST", PATH, body, request_digest("POST", PATH, body), 0)


def answer(number: int) -> bytes:
    """An answer that tells its place."""
    message = {"role": "assistant", "content": str(number)}
    return json.dumps({"choices": [{"index": 0, "message": message}]}).encode()


CASSETTE = Cassette.of(
    Path("c/1.yaml"),
    {},
    [
        interaction(method="POST", path=PATH, request_body=chat(text), response_body=answer(n))
        for n, text in enumerate(RECORDED)
    ],
)
CALLERS = (("eng", "write"),) * 2 + (("lead", "review"),) * 2 + (("eng", "write"),)
ACCEPTED = Counterparts(
    (caller, recorded.key[:16])
    for caller, recorded in zip(CALLERS, CASSETTE.interactions, strict=True)
)


@pytest.mark.parametrize(
    ("text", "caller", "made", "expected"),
    [
        (WRITE.format("b please"), ("eng", "write"), set(), Counterpart(1, PAIRED)),
        (WRITE.format("a please"), ("eng", "write"), set(), Counterpart(0, PAIRED)),
        (WRITE.format("a please"), ("eng", "write"), {0}, Counterpart(4, PAIRED)),
        (WRITE.format("a please"), ("lead", "review"), set(), Counterpart(2, PAIRED)),
        ("Something else", ("eng", "write"), set(), Counterpart(0, PAIRED)),
        (REVIEW.format("b again"), ("eng", "tidy"), set(), Counterpart(3, NEAREST)),
        (WRITE.format("b please"), ("eng", "write"), {0, 1, 4}, None),
        ("Something else", ("eng", "tidy"), set(), None),
    ],
)
def test_agent_and_phase_come_before_content_and_content_before_order(
    text: str, caller: tuple[str, str], made: set[int], expected: Counterpart | None
) -> None:
    """A call that was played is not played again, and another instruction has no counterpart."""
    assert ACCEPTED.find(CASSETTE, sent(text), caller, made) == expected


def test_an_answer_that_the_client_cannot_read_is_no_counterpart() -> None:
    """A stream is not answered by a whole answer."""
    assert ACCEPTED.find(CASSETTE, sent(RECORDED[0], stream=True), CALLERS[0], set()) is None


def test_what_is_played_has_the_new_request_and_the_recorded_answer() -> None:
    """So that its prompt is counted as it is now."""

    def explain(_: Cassette, __: SentRequest) -> CouldNotRun:
        return CouldNotRun(Problem("not recorded"))

    base = "http://provider/v1"
    with vcr_adapter.replaying(CASSETTE, base, explain, counterpart=ACCEPTED.find) as opened:
        for text in (RECORDED[1], WRITE.format("a please"), WRITE.format("a, please")):
            opened.caller = CALLERS[0]
            body = chat(text)
            asked = opened.sent_request("POST", f"{base}/chat/completions", body)
            got = httpx.post(f"{base}/chat/completions", content=body, trust_env=False)
            played, place = opened.last_played
            assert (played.request_body, got.content) == (body, answer(place))
            assert played.key == asked.key
            assert (opened.counterpart_of(asked) is None) == (text == RECORDED[1])
    assert place == 4
