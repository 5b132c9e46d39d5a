"""Endpoints of model APIs: by the end of a path, and by the shape of a call."""

import re
from collections.abc import Mapping
from typing import Any

# The end of a path below the base URL of its API.
_ENDPOINT = re.compile(
    r"/(?:chat/completions|completions|embeddings|responses|messages|models/[^/]+:\w+)\Z"
)


def base_of(path: str) -> str | None:
    """The path of the base URL of a call to a model; None for any other call."""
    found = _ENDPOINT.search(path)
    return path[: found.start()] if found else None


def endpoint_of(request: Mapping[str, Any], answer: Any) -> str:
    """The endpoint of a call that is logged without its URL. Raises `ValueError`."""
    told = answer if isinstance(answer, dict) else {}
    if "messages" in request:
        return "/messages" if told.get("type") == "message" else "/chat/completions"
    if "input" in request:
        return "/embeddings" if isinstance(told.get("data"), list) else "/responses"
    if "prompt" in request:
        return "/completions"
    raise ValueError("a request without messages, input or prompt")
