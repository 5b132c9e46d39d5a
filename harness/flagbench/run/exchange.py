"""The way of a client's request, from any thread and loop, to the transport of its cell."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run import network
from flagbench.run.pausing import run_at_once

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Exchange:
    """The way of a client's request to the transport of a cell, on its loop.

    `wire` sends as before. `stop` ends the cell. `process` is the id of the cell's process.
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
