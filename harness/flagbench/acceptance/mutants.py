"""Mutants of routes, applied to requests and responses and thus independent of their source.

Each mutant stands for a careless change; a test suite that still passes with it proves nothing
about that route.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from flagbench.acceptance.sandbox.http_exchange import HttpRequest, HttpResponse

Forward = Callable[[HttpRequest], HttpResponse]
_OF_BODY = (b"content-length", b"content-type")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to the routes of an entity, and the answer of the unbroken application."""

    method: str
    is_collection: bool
    status: int
    body: bytes

    def is_request(self, method: str, *, collection: bool) -> bool:
        """True for a request with this method to the collection, or to a row."""
        return self.method == method and self.is_collection is collection


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _created_is_200(exchange: Exchange) -> Exchange:
    return replace(exchange, status=200) if exchange.status == 201 else exchange


def _created_lacks_its_id(exchange: Exchange) -> Exchange:
    if exchange.status != 201:
        return exchange
    try:
        stored = json.loads(exchange.body)
    except ValueError:  # a POST below a row may answer without a body
        return exchange
    if not isinstance(stored, dict) or "id" not in stored:
        return exchange
    return replace(exchange, body=_json({key: stored[key] for key in stored if key != "id"}))


def _list_is_empty(exchange: Exchange) -> Exchange:
    return (
        replace(exchange, body=b"[]") if exchange.is_request("GET", collection=True) else exchange
    )


def _nothing_is_found(exchange: Exchange) -> Exchange:
    if exchange.is_request("GET", collection=False) and exchange.status == 200:
        return replace(exchange, status=404, body=_json({"detail": "not found"}))
    return exchange


def _missing_is_found(exchange: Exchange) -> Exchange:
    return replace(exchange, status=200, body=b"{}") if exchange.status == 404 else exchange


def _invalid_is_accepted(exchange: Exchange) -> Exchange:
    if exchange.status != 422:
        return exchange
    status = 201 if exchange.method == "POST" else 200
    return replace(exchange, status=status, body=_json({"id": 1}))


# Mutants of the answer: the request is executed, and the answer changed.
ANSWERS: Mapping[str, Callable[[Exchange], Exchange]] = {
    "a created row answers 200": _created_is_200,
    "a created row lacks its id": _created_lacks_its_id,
    "the list is empty": _list_is_empty,
    "an existing row is not found": _nothing_is_found,
    "a missing row is found": _missing_is_found,
    "an invalid body is accepted": _invalid_is_accepted,
}
# Mutants of the request: its method, the method executed instead, and the status answered.
WORK: Mapping[str, tuple[str, str, int]] = {
    "an update changes nothing": ("PUT", "GET", 200),
    "a delete deletes nothing": ("DELETE", "GET", 204),
}
MUTANTS = (*ANSWERS, *WORK)
# No mutants: answers to all requests to every address. What passes with each asserts nothing.
SILENCES: Mapping[str, HttpResponse] = {
    "every request fails": HttpResponse(500, (), b""),
    "every answer is empty": HttpResponse(200, [(b"content-type", b"application/json")], b"{}"),
}


def acting_on(exchange: Exchange) -> Iterator[str]:
    """Mutants that would change this exchange."""
    yield from (name for name, mutate in ANSWERS.items() if mutate(exchange) != exchange)
    yield from (name for name, (method, _, _) in WORK.items() if exchange.method == method)


class MutatedRoutes:
    """Routes under `address` as one mutant changes them, or unchanged with none.

    `forward` sends a request to the unbroken application. `acting` collects the mutants that change
    or would change an answer.
    """

    def __init__(self, forward: Forward, address: str) -> None:
        self.acting: set[str] = set()
        self._forward = forward
        self._address = address.rstrip("/")
        self._mutant = ""

    def begin(self, mutant: str) -> None:
        """Begin a run with a mutant, "" for none."""
        self.acting.clear()
        self._mutant = mutant

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request as the mutant does."""
        if self._mutant in SILENCES:
            return SILENCES[self._mutant]
        path = request.target.partition("?")[0].rstrip("/")
        if path != self._address and not path.startswith(f"{self._address}/"):
            return self._forward(request)
        method, work = request.method, WORK.get(self._mutant)
        is_changed = work is not None and work[0] == method
        executed = replace(request, method=work[1]) if work and is_changed else request
        response = self._forward(executed)
        answered = Exchange(method, path == self._address, response.status, response.body)
        self.acting.update(acting_on(answered))
        mutated = answered
        if work and is_changed and response.status == 200:
            body = b"" if work[2] == 204 else response.body
            mutated = replace(answered, status=work[2], body=body)
        elif self._mutant in ANSWERS:
            mutated = ANSWERS[self._mutant](answered)
        headers = list(response.headers)
        if mutated.body != response.body:
            headers = [pair for pair in headers if pair[0].lower() not in _OF_BODY]
            headers += [(b"content-type", b"application/json")] if mutated.body else []
        return HttpResponse(mutated.status, headers, mutated.body)
