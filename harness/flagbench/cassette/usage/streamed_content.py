"""Events of a stream that carry generated content: text, reasoning, or a part of a tool call."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flagbench.cassette.usage.tally import mapping

# Keys of generated texts in the events of chat completions, completions, Responses, Anthropic,
# Gemini and Ollama; whatever they are nested in.
_TEXTS = frozenset(
    ("arguments", "content", "delta", "partial_json", "reasoning", "reasoning_content", "refusal",
     "response", "text", "thinking")
)  # fmt: skip
# Parts of a tool call that may come before its arguments.
_CALLS = frozenset(("tool_calls", "function_call", "functionCall", "tool_use"))
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def ends_of(body: bytes) -> tuple[int, int] | None:
    """The bytes at which the first and the last event with content are complete; None without."""
    first = last = 0
    for event, end in _events(body):
        if _has_content(event):
            first, last = first or end, end
    return (first, last) if last else None


def _events(body: bytes) -> Iterator[tuple[Mapping[str, Any], int]]:
    """The events that are JSON objects, each with the byte at which it is complete.

    An event of an event stream is complete after its empty line, a line of JSON at its end.
    """
    data: list[bytes] = []
    for match in _LINE.finditer(body):
        line = match[0].rstrip(b"\r\n")
        if line.startswith(b"data:"):
            data.append(line[5:])
        elif line.startswith(b"{"):
            yield from _parsed(line, match.end())
        elif not line and data:
            yield from _parsed(b"\n".join(data), match.end())
            data = []


def _parsed(text: bytes, end: int) -> Iterator[tuple[Mapping[str, Any], int]]:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(event, dict):
        yield event, end


def _has_content(event: Mapping[str, Any]) -> bool:
    kind = str(event.get("type", ""))
    if kind.startswith("response."):
        return kind.endswith(".delta") and bool(event.get("delta"))
    if event.get("error"):
        return False
    return _is_generated(event)


def _is_generated(value: object) -> bool:
    """True for a mapping or list that holds a text of the model anywhere."""
    if isinstance(value, list):
        return any(map(_is_generated, value))
    return any(
        (name in _TEXTS and isinstance(item, str) and item != "")
        or (name in _CALLS and bool(item))
        or (isinstance(item, (dict, list)) and _is_generated(item))
        for name, item in mapping(value).items()
    )
