"""Pauses of a call: sleeps of an async client, and blocking ones of a sync client."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from flagbench.errors import CouldNotRun, Problem
from flagbench.run.virtual_clock import VirtualLoop

_is_blocking = ContextVar("is_blocking", default=False)


async def pause(seconds: float) -> None:
    """Sleep on the running virtual clock; a sync call on the loop's own thread blocks it."""
    loop = asyncio.get_running_loop()
    if _is_blocking.get() and isinstance(loop, VirtualLoop):
        loop.block(seconds)
    else:
        await asyncio.sleep(seconds)


def run_at_once(own: Any, stop: Callable[[CouldNotRun], Any]) -> Any:
    """The result of a coroutine that awaits only pauses, which block here."""
    token = _is_blocking.set(True)
    try:
        own.send(None)
    except StopIteration as done:
        return done.value
    finally:
        _is_blocking.reset(token)
        own.close()
    what = "a sync call waits for calls of the event loop that it blocks"
    return stop(CouldNotRun(Problem(what, expected="a sync subject, or an async client")))
