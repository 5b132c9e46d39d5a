"""Counterfactual limits: concurrent calls of the client, and calls per minute of the provider."""

import asyncio
from collections import deque
from collections.abc import Callable

from flagbench.http_library import httpx
from flagbench.run.counterfactual import Counterfactual
from flagbench.run.pausing import pause
from flagbench.run.streamed_answer import StreamedAnswer

# Latency of a refusal, about that of the recorded providers.
REFUSAL_SECONDS = 0.1
_MINUTE_SECONDS = 60.0


class RateLimitedTransport(httpx.AsyncBaseTransport):
    """Transport that limits the rate and the concurrency of calls to the one it wraps.

    A call beyond the rate is answered 429 with the seconds to wait, as by a provider with a sliding
    window; `refused` counts them. They use no tokens and are not in the cassette. URLs that are not
    `is_limited` pass.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        counterfactual: Counterfactual,
        is_limited: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._inner = inner
        self._is_limited = is_limited
        self._per_minute = counterfactual.requests_per_minute
        self._semaphore = (
            asyncio.Semaphore(counterfactual.parallelism) if counterfactual.parallelism else None
        )
        self._admitted: deque[float] = deque()
        self.refused = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a call on when the limits admit it, or refuse it."""
        if not self._is_limited(str(request.url)):
            return await self._inner.handle_async_request(request)
        if self._semaphore is None:
            return await self._within_rate(request)
        await self._semaphore.acquire()
        is_open = False
        try:
            response = await self._within_rate(request)
            if isinstance(response.stream, StreamedAnswer):
                is_open = True
                response.stream.when_ended(self._semaphore.release)
            return response
        finally:
            if not is_open:
                self._semaphore.release()

    async def _within_rate(self, request: httpx.Request) -> httpx.Response:
        wait_seconds = self._wait_seconds()
        if wait_seconds:
            self.refused += 1
            await pause(REFUSAL_SECONDS)
            error = {"message": "rate limit reached", "type": "requests", "code": "rate_limit"}
            retry_after = f"{max(wait_seconds - REFUSAL_SECONDS, 0.0):.3f}"
            headers = {"retry-after": retry_after}
            return httpx.Response(429, headers=headers, json={"error": error}, request=request)
        return await self._inner.handle_async_request(request)

    def _wait_seconds(self) -> float:
        """Seconds until the rate admits a call; at 0 this one is admitted and counted."""
        if self._per_minute is None:
            return 0.0
        now = asyncio.get_running_loop().time()
        while self._admitted and self._admitted[0] <= now - _MINUTE_SECONDS:
            self._admitted.popleft()
        if len(self._admitted) < self._per_minute:
            self._admitted.append(now)
            return 0.0
        return self._admitted[0] + _MINUTE_SECONDS - now
