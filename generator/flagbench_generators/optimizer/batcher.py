"""Batches of requests: full ones leave at once, others after a bounded wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batcher(Generic[T, R]):
    """Collector of items for `process`, which answers a list of them in the same order.

    A batch leaves when it has `size` items, or `max_wait_seconds` of the loop's clock after its
    first item.
    """

    def __init__(
        self, process: Callable[[Sequence[T]], Awaitable[Sequence[R]]], size: int,
        max_wait_seconds: float,
    ) -> None:  # fmt: skip
        self._process = process
        self._size = size
        self._wait = max_wait_seconds
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._running = set[asyncio.Task[None]]()

    async def submit(self, item: T) -> R:
        """The result of an item, once its batch has been processed. Raises what `process` does."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, future))
        if len(self._waiting) >= self._size:
            self.flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._wait, self.flush)
        return await future

    def flush(self) -> None:
        """Let the items leave that wait."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, batch, self._waiting = None, self._waiting, []
        if batch:
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """End what runs and waits: those who submitted it wait no longer."""
        self._waiting.clear()
        self.flush()
        for task in self._running:
            task.cancel()

    async def _run(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._process([item for item, _ in batch])
            pairs = list(zip(batch, results, strict=True))
        except BaseException as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in pairs:
            if not future.done():
                future.set_result(result)
