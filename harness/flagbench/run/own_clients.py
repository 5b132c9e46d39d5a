"""Clients that a subject builds itself: their calls go through the transport of its cell, too."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run.client_bodies import answer_for, errors_of
from flagbench.run.pausing import run_at_once

_LIBRARIES = ("httpx", "httpx2")


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

    def run(own: Any) -> Any:
        if threading.get_ident() == getattr(loop, "_thread_id", None):
            return run_at_once(own, stop)
        return asyncio.run_coroutine_threadsafe(own, loop).result()

    def sync_for(library: Any, real: Any) -> Any:
        def handle_request(self: Any, request: Any) -> Any:
            if self is wire:
                return real(self, request)
            request.read()
            with errors_of(library, request):
                response = run(transport.handle_async_request(_converted(request, httpx)))
            return answer_for(library, response, request, run)

        return handle_request

    def async_for(library: Any) -> Any:
        async def handle_async_request(self: Any, request: Any) -> Any:  # noqa: ARG001  httpx's
            await request.aread()
            own = transport.handle_async_request(_converted(request, httpx))
            if asyncio.get_running_loop() is not loop:
                own = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(own, loop))  # type: ignore[assignment]
            with errors_of(library, request):
                response = await own
            return answer_for(library, response, request, None)

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


def _converted(request: Any, library: Any) -> Any:
    """A request as one of a library, with its whole body."""
    return library.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content,
        extensions=request.extensions,
    )
