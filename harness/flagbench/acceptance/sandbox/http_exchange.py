"""HTTP exchanges with a child that serves on a Unix socket: the judge's side of the wire."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import h11

from flagbench.acceptance.sandbox.errors import Misbehaved
from flagbench.acceptance.sandbox.limits import size_words

HOST = "localhost"
Headers = Sequence[tuple[bytes, bytes]]
# Bytes to send and a function that gets incoming bytes (b"" at the end) -> whether it has enough.
Converse = Callable[[socket.socket, bytes, Callable[[bytes], bool]], None]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request; a body has its headers."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response, with its whole body."""

    status: int
    headers: Headers
    body: bytes


class HttpConnection:
    """A connection to the socket at `path`, kept open from one exchange to the next if it can be.

    `converse` moves the bytes, within the limits of a child.
    """

    def __init__(self, path: str, converse: Converse, most_bytes: int) -> None:
        self._path = path
        self._converse = converse
        self._most_bytes = most_bytes
        self._sock: socket.socket | None = None
        self._state = h11.Connection(h11.CLIENT)

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """Send a request; the response.

        Raises `Misbehaved` for anything but HTTP of a limited size, and `EOFError` if there is
        nobody to answer.
        """
        sock = self._connect()
        try:
            sent = self._begin(request)
            response = _Incoming(self._state, self._most_bytes)
            self._converse(sock, sent, response.take)
            answered = response.whole()
        except h11.RemoteProtocolError as error:
            self.close()
            raise Misbehaved(f"answered something that is not HTTP: {error}") from error
        except BaseException:
            self.close()
            raise
        is_done = self._state.our_state is h11.DONE and self._state.their_state is h11.DONE
        # A server may close the connection after it has told of an exception.
        if is_done and answered.status < 500:
            self._state.start_next_cycle()
        else:
            self.close()
        return answered

    def close(self) -> None:
        """Close the connection; the next exchange opens another one."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _connect(self) -> socket.socket:
        if self._sock is not None and _has_ended(self._sock):
            self.close()
        if self._sock is None:
            self._state = h11.Connection(h11.CLIENT)
            self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._sock.connect(self._path)
            except OSError as error:
                self.close()
                raise EOFError from error
            self._sock.setblocking(False)
        return self._sock

    def _begin(self, request: HttpRequest) -> bytes:
        headers = [(b"host", HOST.encode()), *request.headers]
        if request.body:
            headers.append((b"content-length", str(len(request.body)).encode()))
        head = h11.Request(method=request.method, target=request.target, headers=headers)
        parts = [self._state.send(head)]
        if request.body:
            parts.append(self._state.send(h11.Data(data=request.body)))
        parts.append(self._state.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)


def _has_ended(sock: socket.socket) -> bool:
    """True if the other end of an idle connection has closed it, or has said something unasked."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


class _Incoming:
    """The parts of a response as they come in."""

    def __init__(self, state: h11.Connection, most_bytes: int) -> None:
        self._state = state
        self._most_bytes = most_bytes
        self._head: h11.Response | None = None
        self._body = bytearray()

    def take(self, part: bytes) -> bool:
        """Add bytes; true once the response is whole. Raises `EOFError` if it will never be."""
        self._state.receive_data(part)
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as error:
                if part:
                    raise
                raise EOFError from error  # closed in the middle of a response, or before it
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return False
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body += event.data
                if len(self._body) > self._most_bytes:
                    raise Misbehaved(f"answered with more than {size_words(self._most_bytes)}")
            elif event == h11.ConnectionClosed():
                raise EOFError
            else:
                return True

    def whole(self) -> HttpResponse:
        """The response."""
        assert self._head is not None  # noqa: S101  an end of a message has a beginning
        return HttpResponse(self._head.status_code, list(self._head.headers), bytes(self._body))
