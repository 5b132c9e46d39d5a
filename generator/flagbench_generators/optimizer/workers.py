"""Local computing: in slices that let other work in between, or in several processes."""

import asyncio
import logging
import multiprocessing
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from flagbench_generators.optimizer.rules import Checked
from flagbench_generators.optimizer.settings import Settings

log = logging.getLogger(__name__)
_SLICE = 20
_MOST_PROCESSES = 61  # of a pool on Windows
Function = Callable[[list[Any]], list[dict[str, Any]]]


class Workers:
    """Processes for the time of an operation; the first computation that needs them starts them."""

    def __init__(self, settings: Settings, rules: Checked, counts: Counter[str]) -> None:
        self._settings = settings
        self._rules = rules
        self._counts = counts
        self._pool: ProcessPoolExecutor | None = None

    async def compute(
        self, operation: str, function: Function, items: list[Any]
    ) -> list[dict[str, Any]]:
        """The results of `function`, which is called with parts of the items.

        Where processes cannot be used, this process computes: a warning, and `pool_failed`.
        """
        least = self._rules[operation]["parallel_threshold"]
        if self._settings.uses_processes and len(items) >= least:
            try:
                return await self._in_processes(function, items)
            except (BrokenProcessPool, OSError) as error:
                self._counts["pool_failed"] += 1
                log.warning("processes cannot be used: %s: %s", type(error).__name__, error)
        results = list[dict[str, Any]]()
        for part in _parts(items, _SLICE):
            results += function(part)
            await asyncio.sleep(0)
        return results

    async def _in_processes(self, function: Function, items: list[Any]) -> list[dict[str, Any]]:
        count = min(self._settings.max_workers, _MOST_PROCESSES)
        if self._pool is None:
            # Forking is fast, and safe where no other thread runs.
            forks = sys.platform == "linux" and threading.active_count() == 1
            context = multiprocessing.get_context("fork" if forks else "spawn")
            # Ctrl-C reaches every process of a terminal; this one ends the others.
            self._pool = ProcessPoolExecutor(
                count, context, signal.signal, (signal.SIGINT, signal.SIG_IGN)
            )
        run = asyncio.get_running_loop().run_in_executor
        parts = _parts(items, -(-len(items) // count))
        done = await asyncio.gather(*(run(self._pool, function, part) for part in parts))
        self._counts["pooled"] += len(items)
        return [result for part in done for result in part]

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _parts(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
