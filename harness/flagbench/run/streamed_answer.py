"""Body of a streamed answer: each chunk at its recorded time on the virtual clock."""

import asyncio
import gc
import math
from collections.abc import AsyncIterator, Callable, Sequence
from threading import get_ident
from typing import Any

from flagbench import headers
from flagbench.http_library import httpx
from flagbench.run.pausing import pause

# Less than a step of the clock: a time that is due, but for the rounding of its sum.
_RESOLUTION_SECONDS = 1e-7

# What an asynchronous generator is closed by when it is dropped instead of closed.
_DROPPED_GENERATOR = "async_generator_athrow"


class StreamedAnswer(httpx.AsyncByteStream):
    """The chunks of an answer, each with the time on the clock of `loop` at which it arrives.

    `cut` is the way in which the stream breaks off at `ends_seconds`, "" for a whole one. A wait
    of more than `timeout_seconds` for the next chunk is a timeout. `on_end` is called once, with
    the time at which the call ended and whether the client did not take the whole answer.

    A client may drop a stream and never close it. Python then closes it whenever it collects its
    garbage, which differs from run to run: such a call ends when it was last read, and `abandon`
    says so.
    """

    def __init__(
        self,
        pieces: Sequence[tuple[bytes, float]],
        *,
        loop: asyncio.AbstractEventLoop,
        ends_seconds: float,
        cut: str,
        timeout_seconds: float,
        request: httpx.Request,
        on_end: Callable[[float, bool], None],
    ) -> None:
        self._pieces = pieces
        self._loop = loop
        self._ends_seconds = ends_seconds
        self._cut = cut
        self._timeout_seconds = timeout_seconds
        self._request = request
        self._on_end = [on_end]
        self._next = 0
        self._last_read_seconds = loop.time()
        self._is_ended = False
        self.is_waiting = False
        if _note_collection not in gc.callbacks:
            gc.callbacks.append(_note_collection)

    def when_ended(self, call: Callable[[], Any]) -> None:
        """Call after the end of the call."""
        self._on_end.append(lambda *_: call())

    async def read_next(self) -> bytes | None:
        """The next chunk, at its time; None at the end.

        Raises httpx's errors: `ReadTimeout`, and for a stream that breaks off `RemoteProtocolError`
        or `ReadError`.
        """
        if self._is_ended:
            return None
        is_over = self._next == len(self._pieces)
        piece, due_seconds = (b"", self._ends_seconds) if is_over else self._pieces[self._next]
        wait_seconds = due_seconds - self._loop.time()
        if wait_seconds > _RESOLUTION_SECONDS:
            await self._wait(min(wait_seconds, self._timeout_seconds))
        self._last_read_seconds = self._loop.time()
        if wait_seconds > self._timeout_seconds:
            self._end(self._last_read_seconds)
            what = "the next part of the answer took longer than the timeout"
            raise httpx.ReadTimeout(what, request=self._request)
        if not is_over:
            self._next += 1
            return piece
        self._end(self._last_read_seconds)
        if self._cut == headers.RESET:
            raise httpx.ReadError("the connection was reset", request=self._request)
        if self._cut:
            what = "the connection was closed before the end of the answer"
            raise httpx.RemoteProtocolError(what, request=self._request)
        return None

    async def _wait(self, seconds: float) -> None:
        self.is_waiting = True
        try:
            await pause(seconds)
        except asyncio.CancelledError:
            self._end(self._loop.time())
            raise
        finally:
            self.is_waiting = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Each chunk at its time."""
        while (piece := await self.read_next()) is not None:
            yield piece

    async def aclose(self) -> None:
        """End the call now, unless the stream was dropped."""
        task = asyncio.current_task()
        if task is None or type(task.get_coro()).__name__ != _DROPPED_GENERATOR:
            self.close()

    def close(self) -> None:
        """End the call now, unless the stream is being collected as garbage."""
        if not _is_collecting():
            self._end(self._loop.time())

    def abandon(self) -> None:
        """End a call that nobody reads any more, at the time when it was last read."""
        self._end(self._last_read_seconds)

    def _end(self, seconds: float) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        is_unread = self._next < len(self._pieces)
        for call in self._on_end:
            call(seconds, is_unread)


def timeout_of(request: httpx.Request) -> float:
    """The longest wait of a client for the next bytes of an answer, in seconds."""
    return request.extensions.get("timeout", {}).get("read") or math.inf


# The thread of the latest collection of garbage, and how many had ended when it began.
_latest_collection = (0, -1)


def _note_collection(phase: str, _: object) -> None:
    global _latest_collection  # noqa: PLW0603  one garbage collector for the process
    if phase == "start":
        _latest_collection = get_ident(), _ended_collections()


def _is_collecting() -> bool:
    """True if this is called by the collection of garbage.

    Another thread may collect for as long as it likes. The end is read from Python's count: a
    callback for it is left out after one that removes itself.
    """
    return _latest_collection == (get_ident(), _ended_collections())


def _ended_collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())
