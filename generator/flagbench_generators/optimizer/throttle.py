"""Throttle of requests: at most so many in any second, each as early as that allows."""

import asyncio
from collections import deque

from flagbench_generators.optimizer.settings import Settings

WINDOW_SECONDS = 1.0


class Throttle:
    """Times of departure on the loop's clock, in order of arrival.

    Request n leaves when request n - `max_requests_per_second` is a second old, and not before. It
    outlives an event loop: all loops of a process have the same clock.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._departures = deque[float]()

    async def __call__(self) -> float:
        """Wait for the turn of a request. Returns its departure, in the loop's seconds."""
        loop = asyncio.get_running_loop()
        if not self._settings.request_throttling:
            return loop.time()
        due = self._reserve(loop.time())
        while (left := due - loop.time()) > 0:
            await asyncio.sleep(left)
        return due

    def _reserve(self, now: float) -> float:
        limit = self._settings.max_requests_per_second
        while len(self._departures) > limit:
            self._departures.popleft()
        due = now
        if len(self._departures) >= limit:
            # Rounded to the microsecond, as clocks count: sums of floats fall below by less.
            due = max(now, round(self._departures[-limit] + WINDOW_SECONDS, 6))
        if self._departures:
            due = max(due, self._departures[-1])
        self._departures.append(due)
        return due
