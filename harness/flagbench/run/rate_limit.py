"""Calls that another world would hold back or refuse: so many at once, so many a minute."""

import asyncio
from collections import deque

from flagbench.http_library import httpx
from flagbench.run.counterfactual import Counterfactual

# What a refusal takes; the recorded providers answer one in about this time.
REFUSAL_SECONDS = 0.1
_MINUTE_SECONDS = 60.0


class RateLimitedTransport(httpx.AsyncBaseTransport):
    """Stands before the transport that plays calls, and lets through what the world admits.

    A call beyond the rate is answered 429 with the seconds until one may pass, as a provider with a
    sliding window does; `refused` counts them. They cost no tokens and are not on the tape.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, counterfactual: Counterfactual) -> None:
        self._inner = inner
        self._per_minute = counterfactual.requests_per_minute
        self._places = (
            asyncio.Semaphore(counterfactual.parallelism) if counterfactual.parallelism else None
        )
        self._admitted: deque[float] = deque()
        self.refused = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a call on in its turn, or refuse it."""
        if self._places is None:
            return await self._within_rate(request)
        async with self._places:
            return await self._within_rate(request)

    async def _within_rate(self, request: httpx.Request) -> httpx.Response:
        wait_seconds = self._wait_seconds()
        if wait_seconds:
            self.refused += 1
            await asyncio.sleep(REFUSAL_SECONDS)
            told = {"message": "rate limit reached", "type": "requests", "code": "rate_limit"}
            retry_after = f"{max(wait_seconds - REFUSAL_SECONDS, 0.0):.3f}"
            headers = {"retry-after": retry_after}
            return httpx.Response(429, headers=headers, json={"error": told}, request=request)
        return await self._inner.handle_async_request(request)

    def _wait_seconds(self) -> float:
        """How long until the rate admits a call; 0 admits this one."""
        if self._per_minute is None:
            return 0.0
        now = asyncio.get_running_loop().time()
        while self._admitted and self._admitted[0] <= now - _MINUTE_SECONDS:
            self._admitted.popleft()
        if len(self._admitted) < self._per_minute:
            self._admitted.append(now)
            return 0.0
        return self._admitted[0] + _MINUTE_SECONDS - now
