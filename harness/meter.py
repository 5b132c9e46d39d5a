"""Calls become tokens: what one recorded interaction weighs, read once for all combinations."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.tape import Interaction, Tape
from harness.tokens import TokenCounter


@dataclass(frozen=True, slots=True)
class Weight:
    """One interaction in tokens. An answer that is an error costs none.

    `usage_*` is what the provider says it counted, None where it says nothing.
    """

    status: int
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    usage_prompt_tokens: int | None
    usage_completion_tokens: int | None


class Meter:
    """Weighs interactions; the same place on the same tape is weighed once."""

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._weighed: dict[tuple[int, int], tuple[Tape, Weight]] = {}

    def weigh(self, tape: Tape, place: int) -> Weight:
        """The weight of the interaction at `place`."""
        key = id(tape), place
        if key not in self._weighed:
            # The tape is kept beside its weight so that its id stays its own.
            self._weighed[key] = tape, weigh(tape.interactions[place], self._counter)
        return self._weighed[key][1]


def weigh(interaction: Interaction, counter: TokenCounter) -> Weight:
    """Count the tokens of one chat completion; other answers weigh nothing."""
    asked, answered = _parsed(interaction.request_body), _parsed(interaction.response_body)
    choices = answered.get("choices")
    choices = [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []
    if interaction.status != 200 or not choices:
        return Weight(interaction.status, "", 0, 0, None, None)
    usage = answered.get("usage") or {}
    texts = [str((one.get("message") or {}).get("content") or "") for one in choices]
    return Weight(
        status=interaction.status,
        finish_reason=str(choices[0].get("finish_reason") or ""),
        prompt_tokens=counter.count_prompt(asked.get("messages") or []),
        completion_tokens=sum(counter.count(text) for text in texts),
        usage_prompt_tokens=usage.get("prompt_tokens"),
        usage_completion_tokens=usage.get("completion_tokens"),
    )


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
