"""Embeddings: the texts that are embedded. Nothing is generated."""

from collections.abc import Mapping
from typing import Any

from flagbench.cassette.usage.counts import Counts
from flagbench.cassette.usage.tally import count_encoded_or_text

PATH = "/embeddings"
# No model of embeddings has the encoding of the chat models.
DEFAULT_ENCODING: str | None = None


def fits(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """True for a list of embeddings."""
    data = answer.get("data")
    embedded = data[0] if isinstance(data, list) and data else None
    return "input" in request and isinstance(embedded, dict) and "embedding" in embedded


def count(request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:  # noqa: ARG001  the interface of a shape
    """Add the input."""
    count_encoded_or_text(request.get("input"), counts.prompt)
    return ""
