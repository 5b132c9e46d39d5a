"""Conversion of an answer that a provider gave to the interaction that is stored: scrubbed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flagbench import headers as header_names
from flagbench.cassette import chunks, retry_after, scrub, service_answers
from flagbench.cassette.addresses import Addresses, service_of
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.chunks import Chunk, Chunks
from flagbench.cassette.serializer import as_read_back

_KNOWN_STATUS = frozenset(HTTPStatus)
# Longer than any declared latency; the header of a faulty server may say anything.
_LONGEST_LATENCY_SECONDS = 86_400.0
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Received:
    """An answer: the body decoded, names of headers in lower case, seconds on the wire or None.

    `chunks` are those of a stream, () for any other answer. `cut` is `headers.CUT` or `RESET` where
    the connection ended in the middle of it.
    """

    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: bytes
    elapsed_seconds: float | None
    chunks: Chunks = ()
    cut: str = ""


def stored(
    received: Received,
    *,
    method: str,
    path: str,
    request_body: bytes,
    secrets: tuple[str, ...],
    is_simulated: bool = False,
    waited_seconds: float | None = None,
    addresses: Addresses | None = None,
) -> Interaction:
    """The interaction of an answer, without secrets and with the headers that are kept.

    `waited_seconds` is the time since the same request was refused, None if it was not.
    """
    elapsed_seconds, timed = received.elapsed_seconds, received.chunks
    is_service = addresses is not None and service_of(path) != ""
    kept: tuple[str, ...] = scrub.KEPT_RESPONSE_HEADERS
    if is_simulated:
        declared_seconds = _declared_seconds(received.headers)
        if declared_seconds is not None:
            # Its chunks were sent at another pace.
            elapsed_seconds, timed = declared_seconds, ()
    else:
        kept = tuple(name for name in kept if name != header_names.OUTCOME)
    undated = retry_after.without_date(received.headers)
    headers = (
        service_answers.kept_headers(undated, addresses, path, secrets)
        if addresses is not None and is_service
        else scrub.scrub_headers(undated, kept, secrets)
    )
    if waited_seconds is not None:
        headers[header_names.WAITED] = (f"{waited_seconds:.6f}",)
    if received.cut:
        headers[header_names.OUTCOME] = (received.cut,)
    body = (
        service_answers.scrub_body(received.body, secrets)
        if is_service
        else _scrubbed(received, secrets)
    )
    if not timed:  # so that a subject sees the same bytes while it is recorded and ever after
        body = as_read_back(body)
    return Interaction(
        method=method,
        path=path,
        request_body=request_body,
        status=received.status,
        # The standard phrase, since the provider's own text may contain a name.
        reason=HTTPStatus(received.status).phrase if received.status in _KNOWN_STATUS else "",
        headers=headers,
        response_body=body,
        elapsed_seconds=None if elapsed_seconds is None else round(elapsed_seconds, _DECIMALS),
        chunks=tuple(
            Chunk(chunk.end, round(chunk.seconds, _DECIMALS))
            for chunk in chunks.moved(timed, chunks.edits_between(received.body, body))
        ),
    )


def _scrubbed(received: Received, secrets: tuple[str, ...]) -> bytes:
    """The body without secrets and identities, also in the line that a cut stream ends with."""
    is_error = received.status >= 400
    whole = received.body.rfind(b"\n") + 1 if received.cut else len(received.body)
    head, rest = received.body[:whole], received.body[whole:]
    scrubbed = scrub.scrub_answer(head, secrets, is_error=is_error)
    return scrubbed + scrub.scrub_answer(rest, secrets, is_error=True) if rest else scrubbed


def _declared_seconds(headers: Mapping[str, tuple[str, ...]]) -> float | None:
    """The latency that a simulated provider or service declares; None without one."""
    try:
        seconds = float(headers[header_names.ELAPSED][0]) / 1000
    except (LookupError, ValueError):
        return None
    is_latency = math.isfinite(seconds) and 0 <= seconds <= _LONGEST_LATENCY_SECONDS
    return seconds if is_latency else None
