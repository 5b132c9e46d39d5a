"""HTTP with servers that answer well, badly, or not at all."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flagbench.acceptance.sandbox import http_exchange
from flagbench.acceptance.sandbox.channel import Channel
from flagbench.acceptance.sandbox.errors import Misbehaved, TimedOut
from flagbench.acceptance.sandbox.http_exchange import HttpConnection, HttpRequest
from flagbench.acceptance.sandbox.limits import Limits

LIMITS = Limits(wall_seconds=1.0, reply_bytes=1000)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
Serve = Callable[..., HttpConnection]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server that gives each answer to the next request; b"" closes the connection."""
    import os

    ours, theirs = socket.socketpair()
    output, print_to = os.pipe()
    channel = Channel(ours, output, LIMITS)
    listening = socket.socket(socket.AF_UNIX)
    path = str(tmp_path / "s")
    listening.bind(path)
    listening.listen()
    opened: list[socket.socket] = []

    def run(answers: list[bytes]) -> None:
        connection, _ = listening.accept()
        opened.append(connection)
        for answer in answers:
            if not answer:
                connection.close()
                connection, _ = listening.accept()
                opened.append(connection)
                continue
            if not connection.recv(65536):
                return
            with suppress(ConnectionError):  # a client that has had enough hangs up
                connection.sendall(answer)

    def start(*answers: bytes) -> HttpConnection:
        threading.Thread(target=run, args=(list(answers),), daemon=True).start()
        return HttpConnection(
            path, lambda *each: channel.converse(*each, LIMITS.wall_seconds), LIMITS.reply_bytes
        )

    yield start
    for each in (listening, theirs, *opened):
        each.close()
    channel.close()
    os.close(print_to)


def test_a_connection_is_kept(serve: Serve) -> None:
    """Two exchanges on it; a new one where the server has closed it."""
    http = serve(OK, OK, b"", OK)
    for _ in range(2):
        response = http.exchange(HttpRequest("POST", "/a", [(b"x-a", b"1")], b"{}"))
        assert (response.status, response.body) == (200, b"{}")
    while True:  # the server closes after its second answer
        try:
            response = http.exchange(HttpRequest("GET", "/a"))
        except EOFError:
            continue
        break
    assert response.status == 200
    http.close()


BAD = {
    "no HTTP": (b"hello\r\n\r\n", Misbehaved, "not HTTP"),
    "two lengths": (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
                    Misbehaved, "not HTTP"),
    "too much": (b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + b"x" * 5000,
                 Misbehaved, "more than 1000 bytes"),
    "an endless head": (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 50_000, Misbehaved, "not HTTP"),
    "half an answer": (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", TimedOut, "longer than"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "error", "words"), BAD.values(), ids=BAD)
def test_what_is_no_answer_is_the_servers_fault(
    serve: Serve, answer: bytes, error: type[Exception], words: str
) -> None:
    """Within the limits of size and time."""
    http = serve(answer)
    with pytest.raises(error, match=words):
        http.exchange(HttpRequest("GET", "/"))
    http.close()


@pytest.mark.parametrize(
    "begun",
    [b"", b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_server_that_ends_has_not_answered(
    serve: Serve, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far it came: how its process ended is said, not that this was no HTTP."""
    # The check for a closed connection may come before it closes.
    monkeypatch.setattr(http_exchange, "_has_ended", lambda _: False)
    http = serve(OK, *([begun] if begun else []), b"")
    http.exchange(HttpRequest("GET", "/"))
    with pytest.raises(EOFError):
        http.exchange(HttpRequest("GET", "/"))
    http.close()


def test_nobody_there(tmp_path: Path) -> None:
    """A server that is gone is an end, not a failure of the harness."""
    http = HttpConnection(str(tmp_path / "none"), lambda *_: None, 10)
    with pytest.raises(EOFError):
        http.exchange(HttpRequest("GET", "/"))
