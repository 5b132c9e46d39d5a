"""Mutants of routes, applied to requests and responses and thus independent of their source.

Each mutant stands for a careless change; a test suite that still passes with it proves nothing
about that route.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


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


@dataclass(slots=True)
class Switch:
    """The active mutant, and the mutants that would have changed an answer while none was."""

    mutant: str = ""
    acting: set[str] = field(default_factory=set)


def acting_on(exchange: Exchange) -> Iterator[str]:
    """Mutants that would change this exchange."""
    yield from (name for name, mutate in ANSWERS.items() if mutate(exchange) != exchange)
    yield from (name for name, (method, _, _) in WORK.items() if exchange.method == method)


class MutatedApplication:
    """An application whose routes under `address` are changed by the active mutant of `switch`.

    Without an active mutant, those that would have changed an answer are added to the switch.
    """

    def __init__(self, application: Application, address: str, switch: Switch) -> None:
        self._application = application
        self._address = address.rstrip("/")
        self._switch = switch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._application, name)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request as the active mutant does."""
        path, mutant = str(scope.get("path", "")).rstrip("/"), self._switch.mutant
        is_below = path == self._address or path.startswith(f"{self._address}/")
        if scope["type"] != "http" or not is_below:
            await self._application(scope, receive, send)
            return
        method, is_collection = scope["method"], path == self._address
        work = WORK.get(mutant)
        is_changed = work is not None and work[0] == method
        executed = {**scope, "method": work[1]} if work and is_changed else scope
        status, headers, body = await self._call_unbroken(executed, receive)
        exchange = Exchange(method, is_collection, status, body)
        if work and is_changed and status == 200:
            exchange = replace(exchange, status=work[2], body=b"" if work[2] == 204 else body)
        elif mutant in ANSWERS:
            exchange = ANSWERS[mutant](exchange)
        else:
            self._switch.acting.update(acting_on(exchange))
        if exchange.body != body:
            headers = [(b"content-length", str(len(exchange.body)).encode())]
            headers += [(b"content-type", b"application/json")] if exchange.body else []
        start = {"type": "http.response.start", "status": exchange.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": exchange.body})

    async def _call_unbroken(
        self, scope: Message, receive: Receive
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Call the unbroken application; its status, headers and body."""
        start: Message = {"status": 500, "headers": []}
        parts: list[bytes] = []

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._application(scope, receive, hold)
        return start["status"], list(start["headers"]), b"".join(parts)
