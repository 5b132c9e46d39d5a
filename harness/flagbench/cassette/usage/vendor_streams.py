"""Streams of Anthropic and Gemini, put together to the answers that they stream."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flagbench.cassette.usage.tally import mapping

Document = dict[str, Any]

# A delta of Anthropic's -> the field of its block that it continues.
_DELTAS = {"text": "text", "thinking": "thinking", "partial_json": "input"}


def message_of(events: Iterable[Mapping[str, Any]]) -> Document | None:
    """The message of a stream of Anthropic's; None for any other stream."""
    message: Document | None = None
    blocks: dict[object, Document] = {}
    for event in events:
        match event.get("type"):
            case "message_start":
                message = dict(mapping(event.get("message")))
            case "content_block_start":
                block = dict(mapping(event.get("content_block")))
                blocks[event.get("index")] = block
                if block.get("type") == "tool_use":
                    block["input"] = ""
            case "content_block_delta":
                block = blocks.setdefault(event.get("index"), {"type": "text"})
                for name, text in mapping(event.get("delta")).items():
                    field = _DELTAS.get(name)
                    if field and isinstance(text, str):
                        block[field] = str(block.get(field) or "") + text
            case "message_delta" if message is not None:
                message.update(mapping(event.get("delta")))
    if message is None:
        return None
    for block in blocks.values():
        if block.get("type") == "tool_use":
            block["input"] = _json(block["input"])
    return {**message, "type": "message", "content": list(blocks.values())}


def candidates_of(events: Iterable[Mapping[str, Any]]) -> Document | None:
    """The answer of a stream of Gemini's; None for any other stream."""
    candidates: dict[object, Document] = {}
    whole: Document = {}
    for event in events:
        whole.update(
            {name: event[name] for name in ("promptFeedback", "usageMetadata") if name in event}
        )
        listed = event.get("candidates")
        for part in listed if isinstance(listed, list) else []:
            piece = mapping(part)
            known = candidates.setdefault(piece.get("index", 0), {"content": {"parts": []}})
            more = mapping(piece.get("content")).get("parts")
            known["content"]["parts"] += more if isinstance(more, list) else []
            if piece.get("finishReason"):
                known["finishReason"] = piece["finishReason"]
    if not candidates and not whole:
        return None
    return {**whole, "candidates": list(candidates.values())}


def _json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {"": text}
