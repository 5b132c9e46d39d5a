"""One exchange with a provider: redirects followed, encodings undone, size and time bounded."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flagbench import headers as header_names
from flagbench.cassette import chunks
from flagbench.cassette.address import shown
from flagbench.cassette.chunks import Chunk
from flagbench.cassette.received import Received
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run import network

# An answer beyond these bounds is the provider's fault: no completion is that large or that slow.
MOST_ANSWER_BYTES = 64 * 2**20
MOST_ANSWER_SECONDS = 600.0

# Decoded in slices, so that a compressed answer is noticed before it fills the memory.
_SLICE_BYTES = 16 * 2**10

# Bound at import, before vcrpy patches it: a recorder itself sends what is not recorded.
_send = httpx.HTTPTransport.handle_request


# What says that a connection ended in the middle of an answer: as a close, or as a reset.
_CUTS: dict[type[Exception], str] = {
    httpx.RemoteProtocolError: header_names.CUT,
    httpx.ReadError: header_names.RESET,
}

# The end of a body is read after its last bytes, also where both were sent at once.
_SAME_READ_SECONDS = 0.01


class _TooLarge(Exception):  # noqa: N818  converted where it is caught
    """An answer beyond `MOST_ANSWER_BYTES`."""


def ask(
    wire: httpx.HTTPTransport, request: httpx.Request, *, follow_redirects: bool = True
) -> Received:
    """Send a request and read its answer, over redirects, as the client of a subject would.

    The chunks of a stream are timed as they are read. One that breaks off is an answer as far as it
    came. Raises `CouldNotRun` for any other answer that is incomplete, and for one that is too
    large, too slow, or not encoded as it says.
    """
    reading = _Reading(request)
    try:
        with (
            _deadline(wire) as is_over,
            httpx.Client(
                transport=_Direct(wire), follow_redirects=follow_redirects, trust_env=False
            ) as client,
        ):
            try:
                response = client.send(request, stream=True)
                reading.read(response, client.headers["accept-encoding"])
            except Exception as error:
                if is_over.is_set():
                    raise _fault(
                        request, f"its answer took longer than {MOST_ANSWER_SECONDS:g} s"
                    ) from error
                reading.cut = _CUTS.get(type(error), "")
                if not (reading.cut and reading.chunks):
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
                where=shown(str(request.url)),
                fix="run the same command again; a recording keeps its earlier answers",
            )
        ) from error
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in response.headers.multi_items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), value)
    return Received(
        response.status_code,
        headers,
        bytes(reading.body),
        reading.elapsed_seconds(),
        tuple(reading.chunks),
        reading.cut,
    )


class _Reading:
    """The body of an answer as far as it was read, and the chunks of a stream."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._started = time.perf_counter()
        self.body = bytearray()
        self.chunks: list[Chunk] = []
        self.cut = ""

    def read(self, response: httpx.Response, known_encodings: str) -> None:
        """Read to the end. Raises `_TooLarge`, what httpx raises, and for an unknown encoding."""
        said = response.headers.get("content-encoding", "")
        names = [name.strip().lower() for name in said.split(",")]
        unknown = {*names} - {"", "identity", *known_encodings.split(", ")}
        if unknown:
            what = f"its answer is encoded as {said}, and {', '.join(sorted(unknown))} is not known"
            raise _fault(self._request, what)
        is_timed = chunks.is_stream(
            self._request.url.path,
            self._request.content,
            response.status_code,
            response.headers.get("content-type", ""),
        )
        for data in response.iter_bytes():
            self.body += data
            if len(self.body) > MOST_ANSWER_BYTES:
                raise _TooLarge
            if is_timed and data:
                self.chunks.append(Chunk(len(self.body), time.perf_counter() - self._started))

    def elapsed_seconds(self) -> float:
        """Seconds until now; those of the last chunk if the end came with it."""
        seconds = time.perf_counter() - self._started
        last = self.chunks[-1].seconds if self.chunks else 0.0
        return last if seconds - last < _SAME_READ_SECONDS and last else seconds


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
            where=f"{request.method} {shown(str(request.url))}",
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
        with network.left():
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
