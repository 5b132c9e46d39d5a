"""A server on loopback whose bytes a test writes, and bodies that are no answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

# Bodies of a good status that no client can use.
UNUSABLE = {
    "half": b'{"choices": [{"index": 0, "mess',
    "empty": b"",
    "page": b"<html>sign in to the network</html>",
    "list": b"[1,2,3]",
    "null": b"null",
    "no choices": b'{"id": "x"}',
    "long number": b'{"choices": [{"message": {"content": "a"}}], "n": ' + b"1" * 5000 + b"}",
    "byte": b'{"choices": [{"message": {"content": "\xff"}}]}',
}

Handle = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def served(handle: Handle) -> Iterator[str]:
    """A server on loopback whose connections a test handles."""

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer as the test says."""
            handle(self)

        do_GET = do_POST  # noqa: N815  http.server's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer a request after reading it."""
    handler.rfile.read(int(handler.headers.get("content-length") or 0))
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
