"""Usage as a provider reports it, in any of the known forms; what is of an odd type is ignored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.cassette.usage.tally import mapping

# No call has more; a greater number is an error.
_MOST = 10**12


@dataclass(frozen=True, slots=True)
class Reported:
    """Tokens that a provider reports, None where it does not.

    `prompt` has the cached tokens in it, `completion` the reasoning.
    """

    prompt: int | None
    completion: int | None
    cached: int | None
    reasoning: int | None


def reported(usage: object) -> Reported:
    """Read the `usage` of an answer."""
    fields = _renamed(mapping(usage))
    cached = _first(
        _detail(fields, "prompt_tokens_details", "cached_tokens"),
        _detail(fields, "input_tokens_details", "cached_tokens"),
        _count(fields.get("prompt_cache_hit_tokens")),
    )
    reasoning = _first(
        _detail(fields, "completion_tokens_details", "reasoning_tokens"),
        _detail(fields, "output_tokens_details", "reasoning_tokens"),
        _count(fields.get("reasoning_tokens")),
    )
    prompt = _first(_count(fields.get("prompt_tokens")), _count(fields.get("input_tokens")))
    completion = _first(
        _count(fields.get("completion_tokens")), _count(fields.get("output_tokens"))
    )
    if prompt is not None and "cache_read_input_tokens" in fields:
        # Anthropic's form: the input without what was read from the cache or written to it.
        cached = _count(fields["cache_read_input_tokens"])
        prompt += (cached or 0) + (_count(fields.get("cache_creation_input_tokens")) or 0)
    total = _count(fields.get("total_tokens"))
    if total is not None and total >= (prompt or completion or 0):
        if completion is None and prompt is not None:
            completion = total - prompt
        elif prompt is None and completion is not None:
            prompt = total - completion
    if prompt is not None and completion is not None:
        completion, reasoning = _with_hidden(fields, prompt, completion, reasoning)
    if cached is not None and (prompt is None or cached > prompt):
        cached = None
    return Reported(prompt, completion, cached, reasoning)


def _renamed(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Gemini's names as OpenAI's; its reasoning is not in the completion, and a 0 is left out."""
    if "totalTokenCount" not in fields and "promptTokenCount" not in fields:
        return fields
    counts = {name: _count(value) for name, value in fields.items()}
    prompt = counts.get("promptTokenCount")
    tool_prompt = counts.get("toolUsePromptTokenCount")
    if prompt is not None and tool_prompt is not None:
        prompt += tool_prompt
    completion, thoughts = counts.get("candidatesTokenCount"), counts.get("thoughtsTokenCount")
    return {
        "prompt_tokens": prompt,
        "completion_tokens": None if completion is None else completion + (thoughts or 0),
        "total_tokens": counts.get("totalTokenCount"),
        "prompt_tokens_details": {"cached_tokens": counts.get("cachedContentTokenCount")},
        "completion_tokens_details": {"reasoning_tokens": thoughts},
    }


def _with_hidden(
    fields: Mapping[str, Any], prompt: int, completion: int, reasoning: int | None
) -> tuple[int, int | None]:
    """Completion and reasoning, where some providers leave the reasoning out of the completion.

    Its tokens are then what the total has more than both, or more than the completion.
    """
    beyond = (_count(fields.get("total_tokens")) or 0) - prompt - completion
    if beyond > 0:
        return completion + beyond, max(reasoning or 0, beyond)
    if reasoning is not None and reasoning > completion:
        return completion + reasoning, reasoning
    return completion, reasoning


def _detail(fields: Mapping[str, Any], group: str, name: str) -> int | None:
    return _count(mapping(fields.get(group)).get(name))


def _count(value: object) -> int | None:
    """The value if it is a number of tokens; 12.0 is one, True, -1, "12" and NaN are none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_count = type(value) is int and 0 <= value <= _MOST
    return value if is_count else None  # type: ignore[return-value]


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
