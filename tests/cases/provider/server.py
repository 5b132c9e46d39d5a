"""The server: it reads a request, asks `endpoints` for the answer and sends its bytes."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from provider import endpoints
from provider.answer import Answer, Asked, in_json


def _handler() -> type[BaseHTTPRequestHandler]:
    seen: Counter[tuple[str, bytes]] = Counter()

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"
        # Headers and body are two writes; with Nagle's algorithm the second waits 40 ms.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """List nothing."""
            self._send(in_json({"object": "list", "data": []}))

        def do_POST(self) -> None:
            """Answer as the endpoint does."""
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            seen[self.path, raw] += 1
            try:
                body = json.loads(raw)
            except ValueError:
                body = {}
            asked = Asked(self.path, raw, body, seen[self.path, raw])
            self._send(endpoints.answer(asked))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("content-type", answer.content_type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(answer.announced or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = self.close_connection or answer.announced is not None

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running() -> Iterator[str]:
    """Serve on a free port of 127.0.0.1 while the context is open; the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler())
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
