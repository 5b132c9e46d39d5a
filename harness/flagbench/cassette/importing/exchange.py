"""Calls as the files of other tools have them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Headers = Mapping[str, tuple[str, ...]]
# Errors of reading a value that has another shape than its format says.
MISSHAPEN = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)


class Located(NamedTuple):
    """A document of a file, or a line of one, and its place as `file:line`."""

    place: str
    value: Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer; the bodies are decoded, the names of headers in lower case.

    `url` has no host where the source does not tell it. `elapsed_seconds` is None where the source
    has no latency, `started_seconds` (since the epoch) where it has no time. The request of one
    that `is_rebuilt` was put together from logged parameters.
    """

    place: str
    method: str
    url: str
    request_body: bytes
    status: int
    headers: Headers
    body: bytes
    elapsed_seconds: float | None = None
    started_seconds: float | None = None
    is_rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that is not imported, and the reason."""

    place: str
    reason: str


class Unusable(ValueError):  # noqa: N818  turned into a `Skipped`
    """The reason for which a record is not imported."""


def read_or_skip(read: Callable[..., Exchange], *record: Any, place: str) -> Exchange | Skipped:
    """The exchange of a record, or the reason why it has none."""
    try:
        return _checked(read(*record, place))
    except Unusable as error:
        return Skipped(place, str(error))
    except MISSHAPEN as error:
        return Skipped(place, f"not as the format has it ({type(error).__name__}: {error})")


def _checked(exchange: Exchange) -> Exchange:
    if not isinstance(exchange.url, str) or not isinstance(exchange.method, str):
        raise Unusable("its method or its URL is not text")
    urlsplit(exchange.url)  # raises for one that cannot be split
    return exchange


def lowered(pairs: Iterable[tuple[str, str | Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Headers by their lower-case names, each with all of its values."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, values in pairs:
        several = (values,) if isinstance(values, str) else tuple(map(str, values))
        headers[name.lower()] = (*headers.get(name.lower(), ()), *several)
    return headers
