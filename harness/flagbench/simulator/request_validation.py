"""Validation of a chat completion request."""

from collections.abc import Mapping
from typing import Any

ROLES = ("system", "developer", "user", "assistant", "tool")


def problem_in(body: Mapping[str, Any]) -> str:  # noqa: PLR0911  one return a problem
    """Error message for the client, "" for a request that can be answered."""
    model, messages = body.get("model"), body.get("messages")
    if not isinstance(model, str) or not model:
        return "'model' must be a non-empty string, such as \"gpt-4o-mini\"."
    if not isinstance(messages, list) or not messages:
        return '\'messages\' must be a non-empty list of {"role": ..., "content": ...}.'
    for number, message in enumerate(messages):
        if not isinstance(message, Mapping) or message.get("role") not in ROLES:
            return f"'messages[{number}].role' must be one of {', '.join(ROLES)}."
        if not isinstance(message.get("content"), str | list):
            return f"'messages[{number}].content' must be a string or a list of text parts."
    if body.get("stream"):
        return "'stream' must be false or left out: this provider answers whole."
    if body.get("n") not in (None, 1):
        return "'n' must be 1 or left out."
    for name in ("max_tokens", "max_completion_tokens"):
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or value < 1):
            return f"'{name}' must be a whole number of at least 1."
    return ""
