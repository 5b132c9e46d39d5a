"""Chat completions of OpenAI's form, put together from what tracing tools have of a call."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flagbench.cassette.importing.exchange import Unusable

JSON_HEADERS = {"content-type": ("application/json",)}
NOT_CAPTURED = "the content of its messages was not captured"
ONLY_ASSEMBLED = "a streamed call, of which the source has the assembled answer only"


def tool_call(call_id: Any, name: str, arguments: Any) -> dict[str, Any]:
    """A call of a tool; arguments are text, or become JSON."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}


def tool(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tool as a request has it, also of a flat definition."""
    if "function" in definition or definition.get("type", "function") != "function":
        return definition
    flat = {name: value for name, value in definition.items() if name != "type"}
    return {"type": "function", "function": flat}


def message(role: str, content: Any, calls: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A message. Raises `Unusable` for one without content and without calls of tools."""
    if content is None and not calls:
        raise Unusable(NOT_CAPTURED)
    if calls:
        return {"role": role, "content": content or None, "tool_calls": list(calls)}
    return {"role": role, "content": content}


def completion(
    choices: Sequence[tuple[Mapping[str, Any], str]],
    *,
    model: str,
    usage: Mapping[str, int | None],
    completion_id: str = "chatcmpl-imported",
) -> dict[str, Any]:
    """The answer with these messages and the reasons for their ends.

    The usage is left out where the source does not have it.
    """
    if not choices:
        raise Unusable("the content of its answer was not captured")
    answer: dict[str, Any] = {
        "id": completion_id,
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {"index": place, "message": dict(said), "finish_reason": reason}
            for place, (said, reason) in enumerate(choices)
        ],
    }
    told = usage_of(usage.get("prompt_tokens"), usage.get("completion_tokens"))
    return {**answer, "usage": told} if told else answer


def usage_of(prompt_tokens: Any, completion_tokens: Any) -> dict[str, int] | None:
    """The usage as an answer reports it; None where a part of it is not known."""
    counts = (prompt_tokens, completion_tokens)
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in counts):
        return None
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
