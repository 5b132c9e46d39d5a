"""The tokens of a recorded call."""

import json

import pytest
from test_cassette import interaction

from flagbench.cassette import cassette
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.token_usage import TokenUsage
from flagbench.tokenizer import TokenCounter

CHAT = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()


def answered(*contents: str | None, usage: object = None, **more: object) -> Interaction:
    """A completion with these contents."""
    choices = [
        {"message": {"role": "assistant", "content": one}, "finish_reason": "stop"}
        for one in contents
    ]
    body = {"choices": choices, **({} if usage is None else {"usage": usage})}
    return interaction(request_body=CHAT, response_body=json.dumps(body).encode(), **more)


def test_a_completion_uses_its_prompt_and_its_text(counter: TokenCounter) -> None:
    """Whatever the provider says it used, which is kept beside it."""
    usage = {"prompt_tokens": 90, "completion_tokens": 80}
    assert answered("hello world", usage=usage).usage == TokenUsage(
        status=200,
        finish_reason="stop",
        prompt_tokens=3 + 3 + counter.count("user") + 1,
        completion_tokens=2,
        usage_prompt_tokens=90,
        usage_completion_tokens=80,
    )


def test_all_choices_count() -> None:
    """`n=2` costs two answers; one without text costs none."""
    usage = answered("hello world", "hello", None).usage
    assert (usage.completion_tokens, usage.usage_prompt_tokens) == (3, None)


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
def test_an_error_or_another_answer_costs_nothing(nothing: Interaction) -> None:
    """But its status is kept."""
    assert nothing.usage == TokenUsage(nothing.status, "", 0, 0, None, None)


@pytest.mark.parametrize(
    "choices", [[{"message": None, "finish_reason": "content_filter"}], ["text"], [None], {"a": 1}]
)
def test_an_answer_of_another_shape_is_counted_too(choices: object) -> None:
    """Any OpenAI-compatible server may be recorded; some send `"message": null`."""
    body = json.dumps({"choices": choices}).encode()
    assert interaction(request_body=CHAT, response_body=body).usage.completion_tokens == 0


def test_an_interaction_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cells replay it, and whatever is asked of it."""
    counted: list[bytes] = []
    usage_of = cassette.usage_of
    monkeypatch.setattr(cassette, "usage_of", lambda *of: counted.append(of[2]) or usage_of(*of))
    first, second = answered("hello"), answered("x y z")
    tokens = [each.usage.completion_tokens for _ in range(3) for each in (first, second)]
    assert tokens == [1, 3] * 3
    assert counted == [first.response_body, second.response_body]
