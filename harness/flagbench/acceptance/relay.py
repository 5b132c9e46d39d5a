"""Relay between a page and the API: it takes the page's requests and passes them on."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flagbench.acceptance.sandbox.http_exchange import HttpRequest, HttpResponse
from flagbench.acceptance.sandbox.sandbox import Misbehaved

Forward = Callable[[HttpRequest], HttpResponse]
# Headers of one connection, not of the message.
_OF_CONNECTION = frozenset(
    ("connection", "content-length", "host", "keep-alive", "transfer-encoding", "te", "upgrade",
     "expect", "server", "date")
)  # fmt: skip
_MOST_BYTES = 8 * 1024 * 1024


class Relay:
    """Serves on a listening socket until it is closed, which it owns.

    `forward` gets one request at a time.
    """

    def __init__(self, listening: socket.socket, forward: Forward) -> None:
        self._server = _Server(listening, forward)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, forward: Forward) -> None:
        super().__init__(("localhost", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.forward = forward
        self.turn = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep silent: the page may close its connections as it likes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    server: _Server

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as in the base
        """Log nothing."""

    def _pass_on(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _MOST_BYTES:
            self.send_error(413)
            self.close_connection = True
            return
        headers = [
            (name.encode("latin-1"), text.encode("latin-1"))
            for name, text in self.headers.items()
            if name.lower() not in _OF_CONNECTION
        ]
        request = HttpRequest(self.command, self.path, headers, self.rfile.read(int(length)))
        try:
            with self.server.turn:
                response = self.server.forward(request)
        except Misbehaved:
            self.send_error(502)
            return
        self.send_response_only(response.status)
        for key, value in response.headers:
            if key.decode("latin-1").lower() not in _OF_CONNECTION:
                self.send_header(key.decode("latin-1"), value.decode("latin-1"))
        if response.status not in (204, 304):
            self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
