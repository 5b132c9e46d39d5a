"""HTTP archives (HAR 1.2) of browsers, proxies and test tools.

The latency is the time from sending to the last byte, without the time in the client's queue.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.cassette.importing import bodies, times
from flagbench.cassette.importing.exchange import (
    Exchange,
    Headers,
    Located,
    Skipped,
    Unusable,
    lowered,
    read_or_skip,
)

NAME = "har"
# `ssl` is part of `connect`; `blocked` is the queue of the browser.
_PHASES = ("dns", "connect", "send", "wait", "receive")


def fits(value: Any) -> bool:
    """True for the document of an archive."""
    log = value.get("log") if isinstance(value, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def exchanges(documents: Sequence[Located]) -> Iterator[Exchange | Skipped]:
    """The entries of archives, in order."""
    for document in documents:
        for number, entry in enumerate(document.value["log"]["entries"], start=1):
            place = f"{document.place.rpartition(':')[0]}: entry {number}"
            yield read_or_skip(_exchange, entry, place=place)


def _exchange(entry: Mapping[str, Any], place: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    if not response.get("status"):
        raise Unusable("it has no answer (status 0)")
    body, headers = bodies.decoded(_content(response), _headers(response))
    return Exchange(
        place=place,
        method=request["method"].upper(),
        url=request["url"],
        request_body=_sent(request),
        status=int(response["status"]),
        headers=headers,
        body=body,
        elapsed_seconds=_elapsed_seconds(entry),
        started_seconds=times.epoch_seconds(entry.get("startedDateTime")),
    )


def _sent(request: Mapping[str, Any]) -> bytes:
    posted = request.get("postData") or {}
    text = posted.get("text")
    if text is None:
        if posted.get("params") or (request.get("bodySize") or 0) > 0:
            raise Unusable("the archive does not have the body of the request")
        return b""
    is_base64 = posted.get("encoding") == "base64"
    body = bodies.of_base64(text) if is_base64 else bodies.of_text(text)
    return bodies.sent(body, posted.get("mimeType") or "")


def _content(response: Mapping[str, Any]) -> bytes:
    content = response.get("content") or {}
    text = content.get("text")
    if text is None:
        if (content.get("size") or 0) > 0:
            raise Unusable("the archive does not have the body of the answer")
        return b""
    return bodies.of_base64(text) if content.get("encoding") == "base64" else bodies.of_text(text)


def _headers(response: Mapping[str, Any]) -> Headers:
    headers = lowered((pair["name"], pair["value"]) for pair in response.get("headers") or ())
    kind = (response.get("content") or {}).get("mimeType")
    return (
        headers if "content-type" in headers or not kind else {**headers, "content-type": (kind,)}
    )


def _elapsed_seconds(entry: Mapping[str, Any]) -> float | None:
    timings = entry.get("timings") or {}
    phases = [_number(timings.get(name)) for name in _PHASES]
    known = [phase for phase in phases if phase is not None]
    # A tool without measurements writes zeros, or -1.
    if _number(timings.get("wait")) is not None and math.fsum(known) > 0:
        return math.fsum(known) / 1000
    total = _number(entry.get("time"))
    return total / 1000 if total else None


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < math.inf else None
