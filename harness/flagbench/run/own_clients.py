"""Clients that a subject builds itself: their calls go through the transport of its cell, too."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run.virtual_clock import VirtualLoop

_LIBRARIES = ("httpx", "httpx2")
_is_blocking = ContextVar("is_blocking", default=False)


async def pause(seconds: float) -> None:
    """Sleep on the running virtual clock; a sync call on the loop's own thread blocks it."""
    loop = asyncio.get_running_loop()
    if _is_blocking.get() and isinstance(loop, VirtualLoop):
        loop.block(seconds)
    else:
        await asyncio.sleep(seconds)


@contextmanager
def intercepted(
    transport: httpx.AsyncBaseTransport,
    wire: httpx.HTTPTransport,
    loop: asyncio.AbstractEventLoop,
    stop: Callable[[CouldNotRun], Any],
) -> Iterator[None]:
    """Let every client of httpx and httpx2, sync and async, send by `transport` on `loop`.

    `wire` sends as before. A call that would block the loop for ever ends the cell by `stop`.
    """

    def sync_for(library: Any, real: Any) -> Any:
        def handle_request(self: Any, request: Any) -> Any:
            if self is wire:
                return real(self, request)
            request.read()
            own = transport.handle_async_request(_converted(request, httpx))
            with _errors_of(library, request):
                if threading.get_ident() == getattr(loop, "_thread_id", None):
                    response = _run_at_once(own, stop)
                else:
                    response = asyncio.run_coroutine_threadsafe(own, loop).result()
            return _answer(response, library)

        return handle_request

    def async_for(library: Any) -> Any:
        async def handle_async_request(self: Any, request: Any) -> Any:  # noqa: ARG001  httpx's
            await request.aread()
            own = transport.handle_async_request(_converted(request, httpx))
            if asyncio.get_running_loop() is not loop:
                own = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(own, loop))  # type: ignore[assignment]
            with _errors_of(library, request):
                response = await own
            return _answer(response, library)

        return handle_async_request

    with ExitStack() as undo:

        def replace(owner: Any, name: str, ours: Any) -> None:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)

        for library in _installed():
            for owner, name, ours in (
                (
                    library.HTTPTransport,
                    "handle_request",
                    sync_for(library, library.HTTPTransport.handle_request),
                ),
                (library.AsyncHTTPTransport, "handle_async_request", async_for(library)),
            ):
                replace(owner, name, ours)
        yield


@cache  # a search for a package that is not there costs as much in every cell
def _installed() -> tuple[Any, ...]:
    return tuple(import_module(name) for name in _LIBRARIES if find_spec(name) is not None)


def _run_at_once(own: Any, stop: Callable[[CouldNotRun], Any]) -> httpx.Response:
    """The result of a coroutine that awaits only pauses, which block here."""
    token = _is_blocking.set(True)
    try:
        own.send(None)
    except StopIteration as done:
        response: httpx.Response = done.value
        return response
    finally:
        _is_blocking.reset(token)
        own.close()
    what = "a sync call waits for calls of the event loop that it blocks"
    return stop(CouldNotRun(Problem(what, expected="a sync subject, or an async client")))  # type: ignore[no-any-return]


def _converted(request: Any, library: Any) -> Any:
    """A request as one of a library, with its whole body."""
    return library.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content,
        extensions=request.extensions,
    )


def _answer(response: httpx.Response, library: Any) -> Any:
    """A response for a client of a library."""
    if library is httpx:
        return response
    return library.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=library.ByteStream(b"".join(response.stream)),  # type: ignore[arg-type]
    )


@contextmanager
def _errors_of(library: Any, request: Any) -> Iterator[None]:
    """Raise the errors of a library in place of those of the harness's."""
    try:
        yield
    except httpx.RequestError as error:
        kind = getattr(library, type(error).__name__)
        raise kind(str(error), request=request) from error
