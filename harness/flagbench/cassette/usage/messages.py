"""Anthropic's Messages API: counted as a chat where a tokenizer is named, else as reported."""

import json
from collections.abc import Mapping
from typing import Any

from flagbench.cassette.usage.content import count_content
from flagbench.cassette.usage.counts import Counts
from flagbench.cassette.usage.tally import Tally, mapping, mappings
from flagbench.tokenizer import TOKENS_PER_MESSAGE, TOKENS_PER_REPLY

PATH = "/messages"
# Anthropic publishes no tokenizer.
DEFAULT_ENCODING: str | None = None

_CUT_OFF = {"max_tokens": "length", "model_context_window_exceeded": "length"}


def fits(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """True for a message to a request with messages."""
    return answer.get("type") == "message" and "messages" in request


def count(request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:
    """Add the system text, the messages and the blocks of the answer."""
    counts.prompt.add(TOKENS_PER_REPLY)
    if request.get("system"):
        _count_message({"role": "system", "content": request["system"]}, counts.prompt)
    for message in mappings(request.get("messages"), "messages", counts.prompt):
        _count_message(message, counts.prompt)
    if request.get("tools"):
        counts.prompt.cannot_count("tools, to which Anthropic adds a prompt of its own,")
    for block in mappings(answer.get("content"), "blocks", counts.completion):
        _count_block(block, counts.completion)
        if block.get("type") == "thinking":
            count_content([block], counts.reasoning)
    reason = str(answer.get("stop_reason") or "")
    return _CUT_OFF.get(reason, reason)


def _count_message(message: Mapping[str, Any], tally: Tally) -> None:
    tally.add(TOKENS_PER_MESSAGE)
    tally.text(message.get("role"))
    content = message.get("content")
    if not isinstance(content, list):
        tally.text(content)
        return
    for block in mappings(content, "blocks", tally):
        _count_block(block, tally)


def _count_block(block: Mapping[str, Any], tally: Tally) -> None:
    kind = block.get("type")
    if kind == "tool_use":
        tally.texts([block.get("name"), json.dumps(mapping(block.get("input")))])
    elif kind == "tool_result":
        count_content(block.get("content"), tally)
    else:
        count_content([block], tally)
