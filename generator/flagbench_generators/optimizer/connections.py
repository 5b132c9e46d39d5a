"""Services that operations share while they run at the same time: connections and batches."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from flagbench_generators.optimizer.batcher import Batcher
from flagbench_generators.optimizer.http_service import Service
from flagbench_generators.optimizer.settings import Settings
from flagbench_generators.optimizer.throttle import Throttle

# Ask a service for several items in one request, or for a single item.
Process = Callable[[Service, Sequence[Any]], Awaitable[Sequence[Any]]]
Submit = Callable[[Any], Awaitable[Any]]


class _Shared:
    """A service and the batches for it, with the number of operations that use them."""

    def __init__(self, service: Service, process: Process, size: int, wait_seconds: float) -> None:
        async def answer(items: Sequence[Any]) -> Sequence[Any]:
            return await process(service, items)

        self.users = 0
        self.service = service
        self.submit: Submit = Batcher(answer, size=size, max_wait_seconds=wait_seconds).submit


class Connections:
    """Services by address, each open while an operation on its event loop uses it."""

    def __init__(self, settings: Settings, counts: Counter[str]) -> None:
        self._settings = settings
        self._counts = counts
        self._throttle = Throttle(settings)
        self._missing = defaultdict[str, set[str]](set)
        self._open = dict[tuple[asyncio.AbstractEventLoop, str, Process], _Shared]()

    @asynccontextmanager
    async def open(
        self, base_url: str, process: Process, headers: Mapping[str, str], *, is_alone: bool
    ) -> AsyncIterator[Submit]:
        """A function that gives the answer to an item; `is_alone` if no other operation joins."""
        key = (asyncio.get_running_loop(), base_url, process)
        if key not in self._open:
            settings = self._settings
            batched = settings.batch_processing
            self._open[key] = _Shared(
                Service(
                    base_url,
                    settings,
                    self._throttle,
                    self._counts,
                    headers,
                    self._missing[base_url],
                ),
                process,
                settings.batch_size if batched else 1,
                settings.max_batch_wait_time if batched and not is_alone else 0,
            )
        shared = self._open[key]
        shared.users += 1
        try:
            yield shared.submit
        finally:
            shared.users -= 1
            if not shared.users:
                del self._open[key]
                await shared.service.close()
