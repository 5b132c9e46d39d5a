"""An HTTP API on loopback, other than a model: pages, files, redirects, refusals, any method."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PICTURE = bytes(range(256))


@dataclass
class ServedApi:
    """A running API: where it is, and what it was asked: `METHOD TARGET`, headers, body."""

    base_url: str = ""
    elsewhere: str = "http://elsewhere.test/"
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """Method and target of every request."""
        return [line for line, _, _ in self.received]


@contextmanager
def served_api(path: str = "/api") -> Iterator[ServedApi]:
    """Serve the API beneath a path on a free port of 127.0.0.1 until the context closes."""
    api = ServedApi()

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.received.append((f"{self.command} {self.path}", headers, body))
            what = urlsplit(self.path).path.removeprefix(path)
            status, kind, answer, more = self._made(what)
            self.send_response(status)
            for name, value in {"content-type": kind, "set-cookie": "a=b", **more}.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("content-length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

        def _made(self, what: str) -> tuple[int, str, bytes, dict[str, str]]:
            number = len(api.received)
            data = f'{{"user": "bob", "email": "bob@example.org", "number": {number}}}'.encode()
            answers: dict[str, tuple[int, str, bytes, dict[str, str]]] = {
                "/picture": (200, "image/png", PICTURE, {}),
                "/moved": (302, "text/plain", b"", {"location": f"{api.base_url}/find?q=moved"}),
                "/away": (302, "text/plain", b"", {"location": api.elsewhere}),
                "/empty": (200, "application/json", b"", {}),
                "/gone": (204, "text/plain", b"", {}),
                "/missing": (404, "application/json", b'{"user": "bob"}', {}),
                "/denied": (401, "application/json", b'{"user": "bob"}', {}),
                "/broken": (500, "text/html", b"<html>", {}),
                "/slow": (200, "text/plain", b"", {"x-flagbench-elapsed-ms": "1234.567"}),
            }
            return answers.get(what, (200, "application/json", data, {"x-total": "7"}))

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    api.base_url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
