"""Interactions become tokens."""

import json
from pathlib import Path

import pytest
from test_tape import interaction

from harness import meter
from harness.meter import Meter, Weight
from harness.tape import Interaction, Tape
from harness.tokens import TokenCounter

CHAT = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()


def answered(*contents: str | None, usage: object = None, **more: object) -> Interaction:
    """A completion with these contents."""
    choices = [
        {"message": {"role": "assistant", "content": one}, "finish_reason": "stop"}
        for one in contents
    ]
    body = {"choices": choices, **({} if usage is None else {"usage": usage})}
    return interaction(request_body=CHAT, response_body=json.dumps(body).encode(), **more)


def test_a_completion_weighs_its_prompt_and_its_text(counter: TokenCounter) -> None:
    """Whatever the provider says it used, which is kept beside it."""
    usage = {"prompt_tokens": 90, "completion_tokens": 80}
    assert meter.weigh(answered("hello world", usage=usage), counter) == Weight(
        status=200,
        finish_reason="stop",
        prompt_tokens=3 + 3 + counter.count("user") + 1,
        completion_tokens=2,
        usage_prompt_tokens=90,
        usage_completion_tokens=80,
    )


def test_all_choices_count(counter: TokenCounter) -> None:
    """`n=2` costs two answers; one without text costs none."""
    weight = meter.weigh(answered("hello world", "hello", None), counter)
    assert (weight.completion_tokens, weight.usage_prompt_tokens) == (3, None)


@pytest.mark.parametrize(
    "nothing",
    [
        answered("hello", status=500),
        interaction(request_body=CHAT, response_body=b"<html>"),
        interaction(request_body=CHAT, response_body=b"[1]"),
        interaction(request_body=CHAT, response_body=b'{"choices": []}'),
        interaction(request_body=CHAT, response_body=b'{"error": {}}', status=429),
        interaction(method="GET", request_body=b"", response_body=b'{"data": []}'),
    ],
)
def test_an_error_or_another_answer_costs_nothing(
    counter: TokenCounter, nothing: Interaction
) -> None:
    """But its status is kept."""
    assert meter.weigh(nothing, counter) == Weight(nothing.status, "", 0, 0, None, None)


@pytest.mark.parametrize(
    "choices", [[{"message": None, "finish_reason": "content_filter"}], ["text"], [None], {"a": 1}]
)
def test_an_answer_of_another_shape_is_weighed_too(counter: TokenCounter, choices: object) -> None:
    """Any OpenAI-compatible server may be recorded; some send `"message": null`."""
    body = json.dumps({"choices": choices}).encode()
    assert (
        meter.weigh(interaction(request_body=CHAT, response_body=body), counter).completion_tokens
        == 0
    )


def test_a_place_is_weighed_once(counter: TokenCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many combinations play it; two tapes are never mixed."""
    weighed: list[Interaction] = []
    weigh = meter.weigh
    monkeypatch.setattr(
        meter, "weigh", lambda one, counter: weighed.append(one) or weigh(one, counter)
    )
    first = Tape.of(Path("a"), {}, [answered("hello"), answered("hello world")])
    second = Tape.of(Path("a"), {}, [answered("x y z")])
    scale = Meter(counter)
    tokens = [
        scale.weigh(tape, place).completion_tokens
        for _ in range(3)
        for tape, place in ((first, 0), (first, 1), (second, 0))
    ]
    assert tokens == [1, 2, 3] * 3
    assert len(weighed) == 3
