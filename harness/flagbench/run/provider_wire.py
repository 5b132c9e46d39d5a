"""One exchange with a provider: redirects followed, encodings undone, size and time bounded."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flagbench.cassette.address import without_query
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx

# An answer beyond these bounds is the provider's fault: no completion is that large or that slow.
MOST_ANSWER_BYTES = 64 * 2**20
MOST_ANSWER_SECONDS = 600.0

# Decoded in slices, so that a compressed answer is noticed before it fills the memory.
_SLICE_BYTES = 16 * 2**10

# Bound at import, before vcrpy patches it: a recorder itself sends what is not recorded.
_send = httpx.HTTPTransport.handle_request


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: the body decoded, names of headers in lower case, seconds on the wire."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: bytes
    elapsed_seconds: float


class _TooLarge(Exception):  # noqa: N818  converted where it is caught
    """An answer beyond `MOST_ANSWER_BYTES`."""


def ask(wire: httpx.HTTPTransport, request: httpx.Request) -> Answer:
    """Send a request and read its answer, over any redirects, as the client of a subject would.

    Raises `CouldNotRun` for an answer that is incomplete, too large, too slow, or not encoded as it
    says.
    """
    started = time.perf_counter()
    try:
        with (
            _deadline(wire) as is_over,
            httpx.Client(transport=_Direct(wire), follow_redirects=True, trust_env=False) as client,
        ):
            try:
                response = client.send(request, stream=True)
                body = _bounded(response.iter_bytes())
            except Exception as error:
                if is_over.is_set():
                    raise _fault(
                        request, f"its answer took longer than {MOST_ANSWER_SECONDS:g} s"
                    ) from error
                raise
    except _TooLarge as error:
        what = f"its answer is larger than {MOST_ANSWER_BYTES / 2**20:g} MiB"
        raise _fault(request, what) from error
    except httpx.DecodingError as error:
        what = f"its answer is not encoded as its content-encoding says ({error})"
        raise _fault(request, what) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CouldNotRun(
            Problem(
                f"no complete answer from the provider: {type(error).__name__}: {error}",
                where=without_query(str(request.url)),
                fix="run the same command again: earlier answers are kept",
            )
        ) from error
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in response.headers.multi_items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), value)
    return Answer(response.status_code, headers, body, time.perf_counter() - started)


def _bounded(chunks: Iterator[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_ANSWER_BYTES:
            raise _TooLarge
    return bytes(body)


@contextmanager
def _deadline(wire: httpx.HTTPTransport) -> Iterator[threading.Event]:
    """Close the connections after `MOST_ANSWER_SECONDS`; the event says that this has happened."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        wire.close()

    timer = threading.Timer(MOST_ANSWER_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _fault(request: httpx.Request, what: str) -> CouldNotRun:
    return CouldNotRun(
        Problem(
            f"the provider is at fault: {what}",
            where=f"{request.method} {without_query(str(request.url))}",
            expected=f"an answer of up to {MOST_ANSWER_BYTES / 2**20:g} MiB within "
            f"{MOST_ANSWER_SECONDS:g} s, encoded as it says",
            fix="run the same command again: this answer was not kept, earlier ones were",
        )
    )


class _Direct(httpx.BaseTransport):
    """The wire past vcrpy's patches, in slices, and without the body of a redirect."""

    def __init__(self, wire: httpx.HTTPTransport) -> None:
        self._wire = wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request of a chain of redirects."""
        response = _send(self._wire, request)
        if response.has_redirect_location:
            response.close()
            kept = [
                (name, value)
                for name, value in response.headers.multi_items()
                if name.lower() in ("location", "set-cookie")
            ]
            return httpx.Response(response.status_code, headers=kept)
        response.stream = _Slices(response.stream)  # type: ignore[arg-type]
        return response

    def close(self) -> None:
        """Do nothing: the wire serves the next request too."""


class _Slices(httpx.SyncByteStream):
    """The bytes of an answer in slices, up to the bound."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        """Each slice. Raises `_TooLarge`."""
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > MOST_ANSWER_BYTES:
                raise _TooLarge
            for start in range(0, len(chunk), _SLICE_BYTES):
                yield chunk[start : start + _SLICE_BYTES]

    def close(self) -> None:
        """Close the answer."""
        self._stream.close()
