"""Content of a message: a text, or a list of parts."""

from collections.abc import Mapping
from typing import Any

from flagbench.cassette.usage.tally import Tally, mapping

# Type of a part -> the key of its text.
_TEXTS = {
    "text": "text", "input_text": "text", "output_text": "text", "summary_text": "text",
    "reasoning_text": "text", "refusal": "refusal",
}  # fmt: skip


def count_content(content: object, tally: Tally) -> None:
    """Add the texts of a content; an image, a sound or a file in it cannot be counted."""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, dict):
            _count_part(part, tally)
        else:
            tally.text(part)


def count_function_call(call: Mapping[str, Any], tally: Tally) -> None:
    """Add the name and the arguments of a call of a tool or function."""
    function = mapping(call.get("function")) or mapping(call.get("custom")) or call
    arguments = function.get("arguments", function.get("input"))
    if "name" not in function and arguments is None:
        tally.cannot_count(f"a tool call of type {call.get('type')!r}")
    tally.texts([function.get("name"), arguments])


def _count_part(part: Mapping[str, Any], tally: Tally) -> None:
    kind = part.get("type", "text")
    if kind == "thinking":  # Mistral: a list of parts
        count_content(part.get("thinking"), tally)
    elif not isinstance(kind, str) or kind not in _TEXTS:
        tally.cannot_count(f"a part of type {kind!r}")
    else:
        tally.text(part.get(_TEXTS[kind]))
