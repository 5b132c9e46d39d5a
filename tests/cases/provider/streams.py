"""Streamed answers: server-sent events."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from provider.answer import Answer, Asked, usage

LINES = ("def ", "add", "(a, b):\n", "    return a + b\n") * 20
PROGRAM = "".join(LINES)


def in_events(events: Iterable[Mapping[str, Any]], *, done: bool = True) -> Answer:
    """Events as an answer of server-sent events."""
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    body = "".join([*lines, "data: [DONE]\n\n" if done else ""])
    return Answer(body.encode(), "text/event-stream; charset=utf-8")


def chunk(delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    """A chunk of a chat completion."""
    return {
        "id": "chatcmpl-abcdef123",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def chat(asked: Asked) -> Answer:
    """A chat completion in 80 chunks, of text or of a tool call; usage where it is asked for."""
    if asked.body.get("tools"):
        call = {"index": 0, "id": "c", "type": "function", "function": {"name": "write"}}
        deltas = [{"role": "assistant", "tool_calls": [call]}] + [
            {"tool_calls": [{"index": 0, "function": {"arguments": line}}]} for line in LINES
        ]
    else:
        deltas = [{"role": "assistant", "content": line} for line in LINES]
    events = [*map(chunk, deltas), chunk({}, "stop")]
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        events.append({**chunk({}), "choices": [], "usage": usage(500, 240, total_tokens=740)})
    return in_events(events)


def completions(_: Asked) -> Answer:
    """A completion of text in chunks, with usage at the end."""
    events = [
        {"object": "text_completion", "choices": [{"index": 0, "text": line}]} for line in LINES
    ]
    return in_events([*events, {"choices": [], "usage": usage(500, 220)}])


def responses(whole: Mapping[str, Any]) -> Answer:
    """A response in deltas, and whole in the last event."""
    deltas = [{"type": "response.output_text.delta", "delta": line} for line in LINES]
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events = [
        {"type": "response.created", "response": begun},
        *deltas,
        {"type": "response.completed", "response": whole},
    ]
    numbered = [{**event, "sequence_number": place} for place, event in enumerate(events)]
    return in_events(numbered, done=False)
