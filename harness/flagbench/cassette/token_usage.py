"""Token usage of a recorded chat completion: counted here, and as the provider reports it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.tokenizer import TokenCounter


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of a call, none for an error.

    `usage_*` are the provider's own counts, None where it reports none.
    """

    status: int
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    usage_prompt_tokens: int | None
    usage_completion_tokens: int | None

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt_tokens + self.completion_tokens


def usage_of(
    status: int, request_body: bytes, response_body: bytes, counter: TokenCounter
) -> TokenUsage:
    """Count the tokens of a chat completion; any other answer has none."""
    request, response = _parse(request_body), _parse(response_body)
    listed = response.get("choices")
    listed = listed if isinstance(listed, list) else []
    choices = [choice for choice in listed if isinstance(choice, dict)]
    if status != 200 or not choices:
        return TokenUsage(status, "", 0, 0, None, None)
    reported = response.get("usage") or {}
    texts = [str((choice.get("message") or {}).get("content") or "") for choice in choices]
    return TokenUsage(
        status=status,
        finish_reason=str(choices[0].get("finish_reason") or ""),
        prompt_tokens=counter.count_prompt(request.get("messages") or []),
        completion_tokens=sum(counter.count(text) for text in texts),
        usage_prompt_tokens=reported.get("prompt_tokens"),
        usage_completion_tokens=reported.get("completion_tokens"),
    )


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
