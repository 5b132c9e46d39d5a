"""Clients that a subject builds itself: their calls go through the transport of its cell, too."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run import client_of_aiohttp, client_of_http_client, client_of_httpx, network
from flagbench.run.late_imports import once_imported
from flagbench.run.pausing import run_at_once

# Package -> what replaces its own ways to send; requests sends through urllib3, as botocore does.
_LIBRARIES = {
    "httpx": client_of_httpx.replacements,
    "httpx2": client_of_httpx.replacements,
    "http.client": client_of_http_client.replacements,
    "urllib3": client_of_http_client.replacements,
    "aiohttp": client_of_aiohttp.replacements,
}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Exchange:
    """The way of a client's request to the transport of a cell, on its loop.

    `wire` sends as before. `stop` ends the cell.
    """

    transport: httpx.AsyncBaseTransport
    wire: httpx.HTTPTransport
    loop: asyncio.AbstractEventLoop
    stop: Callable[[CouldNotRun], NoReturn]
    process: int

    def run(self, own: Coroutine[Any, Any, _Value]) -> _Value:
        """The result of the transport's coroutine for a sync client, in any thread."""
        self._check_process(own)
        if threading.get_ident() == getattr(self.loop, "_thread_id", None):
            return run_at_once(own, self.stop)  # type: ignore[no-any-return]
        return asyncio.run_coroutine_threadsafe(own, self.loop).result()

    async def awaited(self, own: Coroutine[Any, Any, _Value]) -> _Value:
        """The result of the transport's coroutine for an async client, on any loop of the cell."""
        self._check_process(own)
        if asyncio.get_running_loop() is self.loop:
            return await own
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(own, self.loop))

    def _check_process(self, own: Coroutine[Any, Any, _Value]) -> None:
        try:
            network.check_process(self.process)
        except OSError:
            own.close()
            raise


@contextmanager
def intercepted(
    transport: httpx.AsyncBaseTransport,
    wire: httpx.HTTPTransport,
    loop: asyncio.AbstractEventLoop,
    stop: Callable[[CouldNotRun], NoReturn],
) -> Iterator[None]:
    """Let every client of the known libraries, sync and async, send by `transport` on `loop`.

    `wire` sends as before. A library that the subject imports later is intercepted then; no other
    is imported or looked for. A call that would block the loop for ever ends the cell by `stop`.
    """
    exchange = Exchange(transport, wire, loop, stop, os.getpid())
    with ExitStack() as undo:

        def replace(owner: Any, name: str, ours: Any) -> None:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)

        def intercept(library: Any) -> None:
            for owner, name, ours in _LIBRARIES[library.__name__](library, exchange):
                replace(owner, name, ours)

        undo.enter_context(once_imported(tuple(_LIBRARIES), intercept))
        yield
