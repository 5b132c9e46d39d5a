"""An HTTP API with the routes that Python files declare, and a path for batches of requests."""

import ast
import json
from collections.abc import Iterator, Mapping

from flagbench.simulator.services.answer import Answer, Asked

BATCH_PATH = "/$batch"
# Assumptions, see docs/optimizer.md: connection and authentication, then the work on one request.
OVERHEAD_SECONDS = 0.10
WORK_SECONDS = 0.06
_METHODS = ("get", "post", "put", "patch", "delete")


class Api:
    """The routes of the files."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._methods: dict[str, set[str]] = {}
        for path in sorted(files):
            if path.endswith(".py"):
                for method, route in _routes(files[path]):
                    self._methods.setdefault(route, set()).add(method)

    def respond(self, asked: Asked) -> Answer:
        """The answer to a request, or to each of a batch."""
        if (asked.method, asked.path) != ("POST", BATCH_PATH):
            return self._single(asked.method, asked.path)
        try:
            parts = json.loads(asked.body)["requests"]
            answers = [self._single(part["method"], part["url"]) for part in parts]
        except (ValueError, KeyError, TypeError):
            return Answer(400, {"error": "expected: requests, each with method and url"})
        responses = [
            {"status": answer.status, "allow": answer.headers.get("allow", "")}
            for answer in answers
        ]
        seconds = OVERHEAD_SECONDS + WORK_SECONDS * len(parts)
        return Answer(200, {"responses": responses}, {}, seconds)

    def _single(self, method: str, path: str) -> Answer:
        seconds = OVERHEAD_SECONDS + WORK_SECONDS
        plain = path.partition("?")[0]
        methods = self._methods.get(plain, set())
        if not methods:
            return Answer(404, {"error": "not found"}, {}, seconds)
        allow = {"allow": ", ".join(sorted(methods | {"OPTIONS"}))}
        if method == "OPTIONS":
            return Answer(204, None, allow, seconds)
        if method == "HEAD" and "GET" in methods:
            return Answer(200, None, {}, seconds)
        if method not in methods:
            return Answer(405, {"error": "method not allowed"}, allow, seconds)
        return Answer(200, {"path": plain}, {}, seconds)


def _routes(text: str) -> Iterator[tuple[str, str]]:
    """Method and path of each route that a decorator declares."""
    for node in ast.walk(ast.parse(text)):
        for call in getattr(node, "decorator_list", ()):
            match call:
                case ast.Call(
                    func=ast.Attribute(attr=method), args=[ast.Constant(value=str(path)), *_]
                ) if method in _METHODS and path.startswith("/"):
                    yield method.upper(), path
