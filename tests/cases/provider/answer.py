"""Requests and answers of the server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request: `body` is the parsed JSON, empty for any other; `times` counts equal requests."""

    path: str
    raw: bytes
    body: Mapping[str, Any]
    times: int

    @property
    def model(self) -> str:
        """The model that the request names."""
        return str(self.body.get("model", ""))


@dataclass(frozen=True)
class Answer:
    """An answer. With `announced` bytes the connection closes after fewer."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None


def in_json(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer of a value in JSON; `Retry_After` is the header Retry-After."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(json.dumps(value).encode(), status=status, headers=named)


def usage(prompt: object, completion: object, **details: object) -> dict[str, object]:
    """A report of usage, as chat completions have it."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, **details}


USUAL = {**usage(12, 3), "total_tokens": 15}
MISSING = object()


def completion(
    content: object = "plain answer",
    *,
    message: object = None,
    finish_reason: str = "stop",
    used: object = USUAL,
    **more: object,
) -> dict[str, Any]:
    """A chat completion; without a `message`, of an assistant that says `content`."""
    said = message if message is not None else {"role": "assistant", "content": content}
    document: dict[str, Any] = {
        "id": "chatcmpl-abcdef123",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m",
        "choices": [{"index": 0, "message": said, "finish_reason": finish_reason}],
    }
    if used is not MISSING:
        document["usage"] = used
    return {**document, **more}
