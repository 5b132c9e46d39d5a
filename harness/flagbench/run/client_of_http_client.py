"""Clients over http.client: urllib.request, and urllib3 with what it serves (requests, botocore).

All of a client but the socket stays its own: its pool, retries, redirects, timeouts, errors, and
how it reads an answer.
"""

import io
import os
import socket
from collections.abc import Iterator
from types import NoneType
from typing import Any

from flagbench.http_library import httpx
from flagbench.run.exchange import Exchange
from flagbench.run.served_connection import ServedConnection
from flagbench.run.streamed_answer import StreamedAnswer


def replacements(library: Any, exchange: Exchange) -> Iterator[tuple[Any, str, Any]]:
    """Replacements of the connections of http.client or urllib3: owner, name, function."""

    def connect(conn: Any) -> None:
        # Of the proxy that keeps a subject from the network: no error is to be one of it.
        conn.proxy = None
        conn.is_verified = True
        conn.sock = _Socket(_origin_of(conn), conn.timeout, exchange)

    module = getattr(library, "connection", library)
    yield module.HTTPConnection, "connect", connect
    yield module.HTTPSConnection, "connect", connect


def _origin_of(conn: Any) -> str:
    """Scheme, host and port that a connection leads to, through a tunnel too."""
    host = getattr(conn, "_tunnel_host", None)
    port = conn._tunnel_port if host else conn.port
    host = host or conn.host
    scheme = "https" if conn.default_port == 443 else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port or conn.default_port}"


class _Socket:
    """The socket of one call: takes the bytes of its request, gives those of its answer."""

    def __init__(self, origin: str, timeout: Any, exchange: Exchange) -> None:
        self._served = ServedConnection(origin)
        self._exchange = exchange
        self._request: httpx.Request | None = None
        is_default = not isinstance(timeout, (int, float, NoneType))
        self._timeout_seconds = socket.getdefaulttimeout() if is_default else timeout
        self._readable: io.FileIO | None = None

    def settimeout(self, seconds: float | None) -> None:
        """Set the longest wait for the next bytes of the answer."""
        self._timeout_seconds = seconds

    def setsockopt(self, *_: Any) -> None:
        """Do nothing: nothing is sent over it."""

    def sendall(self, data: Any) -> None:
        """Take bytes of the request."""
        for request in self._served.requests_of(bytes(data)):
            self._request = request

    def makefile(self, *_: Any) -> io.BufferedIOBase:
        """A reader of the answer, which is asked for when it is first read."""
        if self._request is None:  # it expects leave to send the body
            return io.BytesIO(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._request.extensions["timeout"] = {"read": self._timeout_seconds}
        return io.BufferedReader(_Answer(self._request, self._served, self._exchange))

    def fileno(self) -> int:
        """A file that can be read, for who asks whether there is something to read."""
        if self._readable is None:
            self._readable = io.FileIO(os.devnull)
        return self._readable.fileno()

    def close(self) -> None:
        """Do nothing to the answer, which is closed by its reader."""
        if self._readable is not None:
            self._readable.close()


class _Answer(io.RawIOBase):
    """The bytes of an answer, each of its chunks at its time."""

    def __init__(
        self, request: httpx.Request, served: ServedConnection, exchange: Exchange
    ) -> None:
        self._exchange = exchange
        self._stream: StreamedAnswer | None = None
        self._parts = self._received(request, served)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """True: it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has arrived, or wait for the next part.

        Raises `TimeoutError` and `ConnectionResetError`, as a socket does.
        """
        if not self._left:
            self._left = memoryview(next(self._parts, b""))
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def close(self) -> None:
        """End the call if it is still under way."""
        if self._stream is not None:
            self._stream.close()
        super().close()

    def _received(self, request: httpx.Request, served: ServedConnection) -> Iterator[bytes]:
        """The parts of the answer, which end early where the connection was closed."""
        try:
            asked = self._exchange.transport.handle_async_request(request)
            response = self._exchange.run(asked)
            if isinstance(response.stream, StreamedAnswer):
                self._stream = response.stream
            yield served.beginning_of(response, closes=True)
            if self._stream is None:
                return
            while (piece := self._exchange.run(self._stream.read_next())) is not None:
                yield served.piece_of(piece)
            yield served.end()
        except httpx.TimeoutException as error:
            raise TimeoutError("timed out") from error
        except httpx.RemoteProtocolError:
            return
        except httpx.RequestError as error:
            raise ConnectionResetError("the connection was reset") from error
