"""A test client's startup and shutdown without a thread: its requests are served elsewhere.

Starlette starts a thread with an event loop for every client, which takes longer than a test.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class _Portal:
    """The part of anyio's portal that a test client uses, on a loop that runs within a call."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a coroutine function to its end; its result."""
        return self._loop.run_until_complete(function(*arguments))

    def start_task_soon(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Begin a coroutine function, which goes on in each `call`."""
        return self._loop.create_task(function(*arguments))


class Portals:
    """The portals of the clients of one process, on one loop; to be closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()

    def enter(self, client: Any, enter: Callable[[Any], Any]) -> Any:
        """Enter a test client by its own `enter`; within a running loop it has a thread as ever."""
        if self._is_any_running():
            return enter(client)
        from anyio import from_thread  # noqa: PLC0415  only the sandbox imports it

        real = from_thread.start_blocking_portal
        from_thread.start_blocking_portal = self._started  # type: ignore[assignment]
        try:
            return enter(client)
        finally:
            from_thread.start_blocking_portal = real
            # For anything else than a startup, such as a websocket, it starts a thread.
            client.portal = None

    def _is_any_running(self) -> bool:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self._loop.is_running()
        return True

    @contextmanager
    def _started(self, *_: Any, **__: Any) -> Iterator[_Portal]:
        yield _Portal(self._loop)
