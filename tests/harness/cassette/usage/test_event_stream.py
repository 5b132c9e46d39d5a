"""Streamed answers, put together."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from flagbench.cassette.usage.call_usage import usage_of
from flagbench.cassette.usage.event_stream import assembled
from flagbench.cassette.usage.token_usage import TokenUsage


def stream(events: Iterable[object], end: str = "\n\n") -> bytes:
    """Events as bytes."""
    return "".join(f"data: {json.dumps(event)}{end}" for event in events).encode()


def chunk(index: int = 0, finish_reason: str | None = None, **delta: object) -> dict[str, Any]:
    """A chunk of a chat completion."""
    choice = {"index": index, "delta": delta, "finish_reason": finish_reason}
    return {"object": "chat.completion.chunk", "choices": [choice], "usage": None}


def test_the_texts_of_each_choice_are_joined() -> None:
    """Content, refusal and reasoning; the role and the reason stand for themselves."""
    body = stream(
        [
            chunk(role="assistant", content="a"),
            chunk(1, role="assistant", content="x"),
            chunk(role="assistant", content="b", reasoning_content="hm"),
            chunk(1, refusal="no"),
            chunk(reasoning_content=" hm", content=None),
            chunk(finish_reason="stop"),
            {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}},
        ]
    )
    whole = assembled(body + b"data: [DONE]\n\n")
    assert whole == {
        "choices": [
            {
                "message": {"role": "assistant", "content": "ab", "reasoning_content": "hm hm"},
                "finish_reason": "stop",
            },
            {"message": {"role": "assistant", "content": "x", "refusal": "no"}},
        ],
        "usage": {"prompt_tokens": 4, "completion_tokens": 2},
    }


def test_the_arguments_of_each_tool_call_are_joined() -> None:
    """By the index of the call; a provider that sends it whole is right too."""

    def call(index: int, **function: str) -> dict[str, Any]:
        return {"index": index, "id": f"c{index}", "type": "function", "function": function}

    body = stream(
        [
            chunk(tool_calls=[call(0, name="write", arguments="")]),
            chunk(tool_calls=[{"index": 0, "function": {"arguments": "{}"}}]),
            chunk(tool_calls=[call(1, name="read", arguments='{"a"')]),
            chunk(tool_calls=[{"index": 1, "function": {"arguments": ": 1}"}}]),
            chunk(tool_calls=[{"id": "c", "function": {"name": "whole", "arguments": "[]"}}]),
        ]
    )
    whole = assembled(body)
    assert whole is not None
    functions = [call["function"] for call in whole["choices"][0]["message"]["tool_calls"]]
    assert functions == [
        {"name": "write", "arguments": "{}"},
        {"name": "read", "arguments": '{"a": 1}'},
        {"name": "whole", "arguments": "[]"},
    ]


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r", "\n: a comment\nid: 1\n\n"])
def test_lines_end_in_any_way(end: str) -> None:
    """As the standard of server-sent events has it."""
    body = b"\xef\xbb\xbfevent: message\n" + stream([chunk(content="a"), chunk(content="b")], end)
    whole = assembled(body)
    assert whole is not None
    assert whole["choices"][0]["message"]["content"] == "ab"


def test_data_of_several_lines_is_one_event() -> None:
    """Joined by line breaks."""
    body = b'data: {"choices": [{"delta":\ndata: {"content": "a"}}]}\n\n'
    whole = assembled(body)
    assert whole is not None
    assert whole["choices"][0]["message"] == {"content": "a"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"data", b"data: [1]\n\n", b"data: {\n\n"])
def test_a_body_without_events_is_no_stream(body: bytes) -> None:
    """Nor is one whose events are no objects."""
    assert assembled(body) is None


WHOLE = {
    "object": "response",
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "a b"}]}],
    "usage": {"input_tokens": 7, "output_tokens": 2},
}
DELTAS = [
    {"type": "response.created", "response": {"output": [], "usage": None}},
    {"type": "response.output_text.delta", "delta": "a"},
    {"type": "response.output_text.delta", "delta": " b"},
]


@pytest.mark.parametrize(
    ("events", "report"),
    [
        ([*DELTAS, {"type": "response.completed", "response": WHOLE}], 2),
        ([*DELTAS, {"type": "response.incomplete", "response": WHOLE}], 2),
        (DELTAS, None),
        ([*DELTAS, {"type": "response.output_item.done", "item": WHOLE["output"][0]}], None),
    ],
)
def test_a_response_is_in_its_last_event(events: list[object], report: int | None) -> None:
    """One that ends before it is what arrived."""
    usage = usage_of(
        "POST", "/v1/responses", 200, b'{"input": "hello"}', stream(events), tokenizer=""
    )
    assert isinstance(usage, TokenUsage)
    assert usage.completion.tokens == 2
    assert usage.completion.reported == report


def test_a_stream_of_another_api_is_read_for_its_usage() -> None:
    """In several events, the later of which are right."""
    body = stream(
        [
            {
                "type": "message_start",
                "message": {"usage": {"input_tokens": 9, "output_tokens": 1}},
            },
            {"type": "content_block_delta", "delta": {"text": "a"}},
            {"type": "message_delta", "usage": {"output_tokens": 30}},
        ]
    )
    asked = b'{"model": "claude", "messages": [{"role": "user", "content": "hi"}]}'
    usage = usage_of("POST", "/v1/messages", 200, asked, body, tokenizer="")
    assert isinstance(usage, TokenUsage)
    assert (usage.prompt_tokens, usage.completion_tokens) == (9, 30)
