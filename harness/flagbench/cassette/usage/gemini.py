"""Gemini's API: counted as a chat where a tokenizer is named, else as reported."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flagbench.cassette.usage.counts import Counts
from flagbench.cassette.usage.tally import Tally, mapping, mappings
from flagbench.tokenizer import TOKENS_PER_MESSAGE, TOKENS_PER_REPLY

PATH = ":generateContent"
# A file of it can be named (`tokenizer:`); none is part of tiktoken.
DEFAULT_ENCODING: str | None = None

_MODEL = re.compile(r"/models/([^/:]+):")
_CUT_OFF = {"MAX_TOKENS": "length"}


def model_of(path: str) -> str:
    """The model that a path names, "" for none."""
    found = _MODEL.search(path)
    return found[1] if found else ""


def fits(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """True for candidates, or for a refused prompt."""
    return "contents" in request and ("candidates" in answer or "promptFeedback" in answer)


def count(request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:
    """Add the system text, the contents and the parts of all candidates."""
    counts.prompt.add(TOKENS_PER_REPLY)
    system = request.get("systemInstruction", request.get("system_instruction"))
    if system:
        _count_content(mapping(system), counts.prompt)
    for content in mappings(request.get("contents"), "contents", counts.prompt):
        counts.prompt.add(TOKENS_PER_MESSAGE)
        counts.prompt.text(content.get("role"))
        _count_content(content, counts.prompt)
    if request.get("tools") or request.get("cachedContent"):
        counts.prompt.cannot_count("tools or texts that the provider adds")
    if mapping(request.get("generationConfig")).get("responseSchema") is not None:
        counts.prompt.cannot_count("a schema of the answer")
    candidates = mappings(answer.get("candidates"), "candidates", counts.completion)
    for candidate in candidates:
        content = mapping(candidate.get("content"))
        _count_content(content, counts.completion)
        for part in mappings(content.get("parts"), "parts", counts.reasoning):
            if part.get("thought"):
                counts.reasoning.text(part.get("text"))
    reason = str(candidates[0].get("finishReason") or "") if candidates else ""
    return _CUT_OFF.get(reason, reason.lower())


def _count_content(content: Mapping[str, Any], tally: Tally) -> None:
    for part in mappings(content.get("parts"), "parts", tally):
        call = mapping(part.get("functionCall")) or mapping(part.get("functionResponse"))
        if "text" in part:
            tally.text(part["text"])
        elif call:
            values = mapping(call.get("args")) or mapping(call.get("response"))
            tally.texts([call.get("name"), json.dumps(values)])
        else:
            tally.cannot_count(f"a part with {', '.join(sorted(part)) or 'nothing'}")
