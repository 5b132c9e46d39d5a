"""The messages of a recorded call: who says what, in the order of the request and its answer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.cassette.cassette import Interaction
from flagbench.cassette.usage import event_stream


@dataclass(frozen=True, slots=True)
class Message:
    """A text of a call, and the role of the speaker."""

    role: str
    text: str


def prompt_of(call: Interaction) -> tuple[Message, ...]:
    """The messages of the request; of an unknown form, its whole body."""
    body = _document(call.request_body)
    told = tuple(_asked(body)) if body is not None else ()
    return told or (Message("request", _pretty(call.request_body)),)


def answer_of(call: Interaction) -> tuple[Message, ...]:
    """The messages of the answer; of an unknown form, or of an error, its whole body."""
    body = _document(call.response_body) or event_stream.assembled(call.response_body)
    told = tuple(_said(body)) if isinstance(body, Mapping) and call.status < 400 else ()
    return told or (Message(f"HTTP {call.status}", _pretty(call.response_body)),)


def _asked(body: Mapping[str, Any]) -> Iterator[Message]:
    """Messages of OpenAI (chat, responses, completions), Anthropic and Gemini requests."""
    for role in ("instructions", "system", "systemInstruction"):
        if role in body:
            yield Message("system", _text(body[role]))
    spoken = next((body[key] for key in ("messages", "input", "contents") if key in body), None)
    if isinstance(spoken, list):
        for turn in spoken:
            named = turn if isinstance(turn, dict) else {}
            yield Message(str(named.get("role") or named.get("type") or "user"), _text(turn))
    elif spoken is not None or "prompt" in body:
        yield Message("user", _text(body["prompt"] if spoken is None else spoken))
    if "tools" in body:
        yield Message("tools", _json(body["tools"]))


def _said(body: Mapping[str, Any]) -> Iterator[Message]:
    for key in ("choices", "output", "candidates"):
        for part in body.get(key) or ():
            yield Message("assistant", _text(part))
    if "content" in body:
        yield Message("assistant", _text(body["content"]))


def _text(value: object) -> str:
    """The text of a message, a part or a list of parts; anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n\n".join(map(_text, value))
    if isinstance(value, Mapping):
        calls = value.get("tool_calls")
        for key in ("message", "content", "parts", "text"):
            if value.get(key):
                told = _text(value[key])
                return f"{told}\n\n{_json(calls)}" if calls else told
    return _json(value)


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _pretty(body: bytes) -> str:
    document = _document(body)
    return body.decode(errors="replace") if document is None else _json(document)


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
