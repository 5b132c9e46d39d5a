"""Services that operations share while they run at the same time: connections and batches."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from flagbench_generators.optimizer.batcher import Batcher
from flagbench_generators.optimizer.http_service import Service
from flagbench_generators.optimizer.settings import Settings
from flagbench_generators.optimizer.throttle import Throttle

# Ask a service for several items in one request, or for a single item.
Process = Callable[[Service, Sequence[Any]], Awaitable[Sequence[Any]]]
Submit = Callable[[Any], Awaitable[Any]]


@dataclass(slots=True)
class _Shared:
    """A service and the batches for it, with the number of operations that use them."""

    service: Service
    batcher: Batcher[Any, Any]
    users: int = 0


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
        settings, key = self._settings, (asyncio.get_running_loop(), base_url, process)
        if key not in self._open:
            service = Service(base_url, settings, self._throttle, self._counts, headers)
            service.missing = self._missing[base_url]
            size = settings.batch_size if settings.batch_processing else 1
            wait = 0 if is_alone else settings.max_batch_wait_time
            self._open[key] = _Shared(service, Batcher(partial(process, service), size, wait))
        shared = self._open[key]
        shared.users += 1
        try:
            yield shared.batcher.submit
        finally:
            shared.users -= 1
            if not shared.users:
                del self._open[key]
                shared.batcher.cancel()
                await shared.service.close()
