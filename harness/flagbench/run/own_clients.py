"""Clients that a subject builds itself: their calls go through the transport of its cell, too."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run import client_of_aiohttp, client_of_httpx, client_of_urllib3
from flagbench.run.late_imports import once_imported
from flagbench.run.virtual_clock import VirtualLoop

# Package -> what replaces its own ways to send; requests sends through urllib3, as botocore does.
_LIBRARIES = {
    "httpx": client_of_httpx.replacements,
    "httpx2": client_of_httpx.replacements,
    "urllib3": client_of_urllib3.replacements,
    "aiohttp": client_of_aiohttp.replacements,
}
_is_blocking = ContextVar("is_blocking", default=False)


async def pause(seconds: float) -> None:
    """Sleep on the running virtual clock; a sync call on the loop's own thread blocks it."""
    loop = asyncio.get_running_loop()
    if _is_blocking.get() and isinstance(loop, VirtualLoop):
        loop.block(seconds)
    else:
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The way of a client's request to the transport of a cell, on its loop.

    `wire` sends as before. `stop` ends the cell.
    """

    transport: httpx.AsyncBaseTransport
    wire: httpx.HTTPTransport
    loop: asyncio.AbstractEventLoop
    stop: Callable[[CouldNotRun], NoReturn]

    def at_once(self, request: httpx.Request) -> httpx.Response:
        """The answer to a sync client, in any thread. Raises errors of the harness's library."""
        own = self.transport.handle_async_request(request)
        if threading.get_ident() == getattr(self.loop, "_thread_id", None):
            return _run_at_once(own, self.stop)
        return asyncio.run_coroutine_threadsafe(own, self.loop).result()

    async def awaited(self, request: httpx.Request) -> httpx.Response:
        """The answer to an async client. Raises errors of the harness's library."""
        self.check_loop()
        return await self.transport.handle_async_request(request)

    def check_loop(self) -> None:
        """End the cell if another loop than its own is running."""
        if asyncio.get_running_loop() is not self.loop:
            self.other_loop()

    def other_loop(self) -> NoReturn:
        """End the cell: the time of another loop would be real."""
        what = "the subject starts an event loop of its own, whose time is real"
        expected = "an async subject, or a sync one with sync clients"
        self.stop(CouldNotRun(Problem(what, expected=expected)))


@contextmanager
def intercepted(
    transport: httpx.AsyncBaseTransport,
    wire: httpx.HTTPTransport,
    loop: asyncio.AbstractEventLoop,
    stop: Callable[[CouldNotRun], NoReturn],
) -> Iterator[None]:
    """Let every client of the known libraries, sync and async, send by `transport` on `loop`.

    `wire` sends as before. A library that the subject imports later is intercepted then; no other
    is imported or looked for. Another event loop that waits, whose time would be real, and a call
    that would block the loop for ever, end the cell by `stop`.
    """
    exchange = Exchange(transport, wire, loop, stop)
    with ExitStack() as undo:

        def replace(owner: Any, name: str, ours: Any) -> None:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)

        def intercept(library: Any) -> None:
            for owner, name, ours in _LIBRARIES[library.__name__](library, exchange):
                replace(owner, name, ours)

        for owner in (asyncio, asyncio.events):
            replace(owner, "new_event_loop", partial(_loop_without_waits, exchange.other_loop))
        undo.enter_context(once_imported(tuple(_LIBRARIES), intercept))
        yield


def _loop_without_waits(refuse: Callable[[], NoReturn]) -> asyncio.AbstractEventLoop:
    """A loop that runs what is ready, as a library's callbacks are, and may not wait."""
    loop: Any = asyncio.SelectorEventLoop()
    select = loop._selector.select

    def select_at_once(timeout: float | None) -> list[Any]:
        ready: list[Any] = select(0)
        return ready if ready or timeout == 0 else refuse()

    loop._selector.select = select_at_once
    return loop  # type: ignore[no-any-return]


def _run_at_once(own: Any, stop: Callable[[CouldNotRun], NoReturn]) -> httpx.Response:
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
    return stop(CouldNotRun(Problem(what, expected="a sync subject, or an async client")))
