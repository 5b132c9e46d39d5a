"""Routes broken on purpose, at the API's surface, so that it does not matter how they are written.

Each mutant is what a careless change would do; a test suite that stays green under it proves
nothing about that route.
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
    """A request to an entity's routes and the answer of the unbroken application."""

    method: str
    is_collection: bool
    status: int
    body: bytes

    def asked(self, method: str, *, collection: bool) -> bool:
        """Whether it is this kind of request."""
        return self.method == method and self.is_collection is collection


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _created_is_200(one: Exchange) -> Exchange:
    return replace(one, status=200) if one.status == 201 else one


def _created_lacks_its_id(one: Exchange) -> Exchange:
    if one.status != 201:
        return one
    try:
        stored = json.loads(one.body)
    except ValueError:  # what is created at a deeper address may have no body
        return one
    if not isinstance(stored, dict) or "id" not in stored:
        return one
    return replace(one, body=_json({key: stored[key] for key in stored if key != "id"}))


def _list_is_empty(one: Exchange) -> Exchange:
    return replace(one, body=b"[]") if one.asked("GET", collection=True) else one


def _nothing_is_found(one: Exchange) -> Exchange:
    if one.asked("GET", collection=False) and one.status == 200:
        return replace(one, status=404, body=_json({"detail": "not found"}))
    return one


def _missing_is_found(one: Exchange) -> Exchange:
    return replace(one, status=200, body=b"{}") if one.status == 404 else one


def _invalid_is_accepted(one: Exchange) -> Exchange:
    if one.status != 422:
        return one
    status = 201 if one.method == "POST" else 200
    return replace(one, status=status, body=_json({"id": 1}))


# Mutants of the answer: the application did its work, and the answer is wrong.
ANSWERS: Mapping[str, Callable[[Exchange], Exchange]] = {
    "a created row answers 200": _created_is_200,
    "a created row lacks its id": _created_lacks_its_id,
    "the list is empty": _list_is_empty,
    "an existing row is not found": _nothing_is_found,
    "a missing row is found": _missing_is_found,
    "an invalid body is accepted": _invalid_is_accepted,
}
# Mutants of the work: method -> the method that is carried out in its place.
WORK: Mapping[str, tuple[str, str, int]] = {
    "an update changes nothing": ("PUT", "GET", 200),
    "a delete deletes nothing": ("DELETE", "GET", 204),
}
MUTANTS = (*ANSWERS, *WORK)


@dataclass(slots=True)
class Switch:
    """Which mutant is on, and those that would have acted while none was."""

    mutant: str = ""
    acting: set[str] = field(default_factory=set)


def acting_on(exchange: Exchange) -> Iterator[str]:
    """The mutants that would make something else of this exchange."""
    yield from (name for name, mutate in ANSWERS.items() if mutate(exchange) != exchange)
    yield from (name for name, (method, _, _) in WORK.items() if exchange.method == method)


class Mutated:
    """An application whose routes under `address` are broken by the mutant `switch` names.

    While it names none, the switch learns which mutants would have acted.
    """

    def __init__(self, application: Application, address: str, switch: Switch) -> None:
        self._application = application
        self._address = address
        self._switch = switch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._application, name)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer as the mutant would."""
        path, mutant = str(scope.get("path", "")).rstrip("/"), self._switch.mutant
        mine = path == self._address or path.startswith(f"{self._address}/")
        if scope["type"] != "http" or not mine:
            await self._application(scope, receive, send)
            return
        method, is_collection = scope["method"], path == self._address
        work = WORK.get(mutant)
        changed = work is not None and work[0] == method
        carried_out = {**scope, "method": work[1]} if work and changed else scope
        status, headers, body = await self._answered(carried_out, receive)
        exchange = Exchange(method, is_collection, status, body)
        if work and changed and status == 200:
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

    async def _answered(
        self, scope: Message, receive: Receive
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of the unbroken application."""
        started: Message = {"status": 500, "headers": []}
        parts: list[bytes] = []

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._application(scope, receive, hold)
        return started["status"], list(started["headers"]), b"".join(parts)
