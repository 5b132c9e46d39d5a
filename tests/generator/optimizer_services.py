"""Services on loopback for the optimizer: an API with batches, and a code search."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

ROUTES = {"/api/v1/users": "GET, HEAD, POST", "/api/v1/posts": "GET, HEAD"}
MATCH = {
    "repository": {"name": "shop"},
    "file": {"path": "orders.py"},
    "lineMatches": [{"lineNumber": 3, "preview": "async def"}] * 2,
}


@dataclass
class Services:
    """Both services at one address, with the requests that came, and the faults to make."""

    url: str = ""
    has_batches: bool = True
    # Statuses that the next requests get in place of an answer.
    faults: list[int] = field(default_factory=list)
    retry_after: str = ""
    delay_seconds: float = 0
    # Statuses that the next parts of a batch get.
    part_faults: list[int] = field(default_factory=list)
    came: list[tuple[str, str, Any]] = field(default_factory=list)
    # Headers of searches; the status of an answer, and a body in place of data, or beside it.
    tokens: list[str] = field(default_factory=list)
    search_status: int = 200
    search_answer: Any = None
    # Requests that are being answered, and the most that were at the same time.
    at_once: int = 0
    most_at_once: int = 0


def _answer(services: Services, method: str, path: str, body: Any) -> tuple[int, str, Any]:
    """Status, `allow` and body."""
    if path == "/.api/graphql":
        wanted = body["variables"]
        result = {"limitHit": False, "results": [MATCH]}
        empty = {"limitHit": False, "results": []}
        data = {
            name: {"search": {"results": result if "async" in query else empty}}
            for name, query in wanted.items()
        }
        beside = services.search_answer
        whole = {"data": data, **(beside or {})} if beside is None or beside else beside
        return services.search_status, "", whole
    if path == "/$batch" and services.has_batches:
        parts = [_answer(services, each["method"], each["url"], None) for each in body["requests"]]
        answers = [{"status": part[0], "allow": part[1]} for part in parts]
        for answer, fault in zip(answers, services.part_faults, strict=False):
            answer["status"] = fault
        services.part_faults.clear()
        return 200, "", {"responses": answers}
    if path not in ROUTES:
        return 404, "", {}
    return 200 if method in ("GET", "HEAD", "OPTIONS") else 405, ROUTES[path], {}


@contextmanager
def running_services() -> Iterator[Services]:
    """Both services, until the context ends."""
    services = Services()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            services.came.append((self.command, self.path, body))
            services.tokens += [self.headers.get("authorization", "")] * ("graphql" in self.path)
            services.at_once += 1
            services.most_at_once = max(services.most_at_once, services.at_once)
            time.sleep(services.delay_seconds)
            services.at_once -= 1
            if services.faults:
                status, allow, answer = services.faults.pop(0), "", {}
            else:
                status, allow, answer = _answer(services, self.command, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            if status in (429, 503) and services.retry_after:
                self.send_header("retry-after", services.retry_after)
            if allow:
                self.send_header("allow", allow)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(BrokenPipeError):  # a client that does not wait
                    self.wfile.write(content)

        do_GET = do_POST = do_HEAD = do_OPTIONS = _handle  # noqa: N815  http.server's names

        def log_message(self, *_: Any) -> None:
            """Keep the output of tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        services.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield services
        finally:
            server.shutdown()
            thread.join()
