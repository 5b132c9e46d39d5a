"""One exchange with a provider: what the client of a subject would get, within bounds."""

import gzip
import json
import time
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from raw_provider import Handle, reply, served

from flagbench.cassette.received import Received
from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run import provider_wire


def ask(base: str, path: str = "/v1/x") -> Received:
    """Send a request that has a key."""
    with httpx.HTTPTransport(trust_env=False) as wire:
        headers = {"authorization": "Bearer key"}
        timeout = httpx.Timeout(30).as_dict()
        request = httpx.Request(
            "POST", base + path, headers=headers, json={"a": 1}, extensions={"timeout": timeout}
        )
        return provider_wire.ask(wire, request)


def asked(handle: Handle) -> Received:
    """The answer of a server."""
    with served(handle) as base:
        return ask(base)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_as_httpx_follows_it(status: int) -> None:
    """With the same method and body, or as GET, as its status says."""
    seen = []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/v1/x":
            return reply(handler, b"moved", status, location="/v1/y")
        seen.append((handler.command, handler.headers["authorization"]))
        return reply(handler, b"here", content_type="text/plain")

    answer = asked(handle)
    method = "POST" if status >= 307 else "GET"
    assert (answer.status, answer.body, seen) == (200, b"here", [(method, "Bearer key")])
    assert answer.headers["content-type"] == ("text/plain",)


def test_a_redirect_to_another_host_does_not_get_the_key() -> None:
    """As httpx does it."""
    seen = []

    def other(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["authorization"])
        reply(handler, b"there")

    with served(other) as elsewhere:
        location = elsewhere.replace("127.0.0.1", "localhost") + "/y"
        answer = asked(lambda handler: reply(handler, b"", 307, location=location))
    assert (answer.body, seen) == (b"there", [None])


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("/v1/x", "TooManyRedirects"),
        ("ftp://h/x", "UnsupportedProtocol"),
        ("http://h.test", "ConnectE"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_an_error(location: str, told: str) -> None:
    """And not an answer."""
    with pytest.raises(CouldNotRun, match=f"no complete answer from the provider: .*{told}"):
        asked(lambda handler: reply(handler, b"", 307, location=location))


def test_a_redirect_without_a_place_is_an_answer() -> None:
    """The client of a subject raises for its status."""
    assert asked(lambda handler: reply(handler, b"", 307)).status == 307


@pytest.mark.parametrize(
    ("encoding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_an_encoded_answer_is_decoded(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    """As the client of a subject does."""
    body = json.dumps({"a": "é" * 100_000}).encode()
    answer = asked(lambda handler: reply(handler, encode(body), content_encoding=encoding))
    assert answer.body == body


def test_an_answer_that_is_not_encoded_as_it_says_is_the_providers_fault() -> None:
    """Live, the client could not read it."""
    with pytest.raises(CouldNotRun) as caught:
        asked(lambda handler: reply(handler, b'{"plain": 1}', content_encoding="gzip"))
    assert "the provider is at fault: its answer is not encoded as its content-e" in str(
        caught.value
    )
    assert "expected: " in str(caught.value)
    assert "fix: " in str(caught.value)


def test_an_encoding_that_nobody_can_undo_is_the_providers_fault() -> None:
    """Its header is not stored: a replay would play the bytes as if they were the text."""
    with pytest.raises(CouldNotRun, match="its answer is encoded as gzip, br, and br is not known"):
        asked(lambda handler: reply(handler, b"\x0b\x02", content_encoding="gzip, br"))


@pytest.mark.parametrize("headers", [{}, {"content_encoding": "gzip"}], ids=["plain", "gzip"])
def test_an_answer_has_a_size(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    """Decoded: a bomb is noticed before it fills the memory."""
    monkeypatch.setattr(provider_wire, "MOST_ANSWER_BYTES", 2**20)
    body = gzip.compress(bytes(2**24)) if headers else bytes(2**20 + 1)
    with pytest.raises(CouldNotRun, match="at fault: its answer is larger than 1 MiB"):
        asked(lambda handler: reply(handler, body, **headers))


@pytest.mark.parametrize("part", ["body", "headers"])
def test_an_answer_has_a_time(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """One that trickles in, byte by byte, would never end."""
    monkeypatch.setattr(provider_wire, "MOST_ANSWER_SECONDS", 0.3)

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers["content-length"]))
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if part == "body":
            handler.wfile.write(b"content-length: 1000\r\n\r\n")
        for _ in range(200):
            try:
                handler.wfile.write(b"x")
            except OSError:
                break
            time.sleep(0.02)

    started = time.monotonic()
    with pytest.raises(CouldNotRun, match=r"at fault: its answer took longer than 0\.3 s"):
        asked(trickle)
    assert time.monotonic() - started < 3
