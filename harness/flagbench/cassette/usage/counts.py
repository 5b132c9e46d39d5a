"""Tallies of a call, and the interface of an API's shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flagbench.cassette.usage.tally import Tally


@dataclass(frozen=True, slots=True)
class Counts:
    """The tallies of a call; `reasoning` is the visible reasoning in the completion."""

    prompt: Tally
    completion: Tally
    reasoning: Tally


class Shape(Protocol):
    """A module that knows an API.

    `PATH` is the end of its paths, `DEFAULT_ENCODING` that of a model of which nothing is known,
    None where none can be assumed.
    """

    PATH: str
    DEFAULT_ENCODING: str | None

    def fits(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
        """True for an answer of this API."""

    def count(self, request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:
        """Add a call to its tallies. Returns the finish reason, `length` for an answer cut off."""
