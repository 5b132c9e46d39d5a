"""Requests to an HTTP service: pooled connections, throttled, repeated where that may help."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx

from flagbench_generators.optimizer.settings import BASIC, Settings
from flagbench_generators.optimizer.throttle import Throttle

MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.5
LEAST_TIMEOUT_SECONDS = 5.0
# An answer that takes this many times as long as the slowest before is asked for again.
TIMEOUT_FACTOR = 4.0
TOO_MANY, SERVER_ERROR = 429, 500


class ServiceFailed(Exception):  # noqa: N818  a result of the operation, not an error of its caller
    """A request without a usable answer after all attempts; the text says what came last."""


class Service:
    """A client of a service until it is closed; `counts` grows with what it does.

    `missing` are the paths that the service is known not to have.
    """

    def __init__(
        self, base_url: str, settings: Settings, throttle: Throttle, counts: Counter[str],
        headers: Mapping[str, str], missing: set[str],
    ) -> None:  # fmt: skip
        self.missing = missing
        self._settings = settings
        self._throttle = throttle
        self._counts = counts
        self._slowest = 0.0
        self._free = asyncio.Semaphore(settings.requests_at_once)
        limits = httpx.Limits(max_connections=settings.requests_at_once)
        # Certificates are read where they are needed: that takes longer than a request.
        self._client = httpx.AsyncClient(
            base_url=base_url, limits=limits, headers=headers, trust_env=False,
            verify=base_url.startswith("https"),
        )  # fmt: skip

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer to a request. Raises `ServiceFailed`.

        429 and 5xx, a lost connection and a timeout are tried again, up to `MAX_ATTEMPTS` times,
        after `retry-after` or a pause that doubles; a timeout doubles, too.
        """
        reason = ""
        for attempt in range(MAX_ATTEMPTS):
            pause = FIRST_PAUSE_SECONDS * 2.0**attempt
            async with self._free:
                await self._throttle()
                self._counts["requests"] += 1
                began = asyncio.get_running_loop().time()
                try:
                    answer = await self._client.request(
                        method, path, json=body, timeout=self._timeout(attempt)
                    )
                except httpx.TransportError as error:
                    reason = type(error).__name__
                except (httpx.RequestError, httpx.InvalidURL) as error:
                    raise ServiceFailed(f"{method} {path}: {error}") from error
                else:
                    taken = asyncio.get_running_loop().time() - began
                    if answer.status_code != TOO_MANY and answer.status_code < SERVER_ERROR:
                        self._slowest = max(self._slowest, taken)
                        return answer
                    reason = f"status {answer.status_code}"
                    self._counts["limited"] += answer.status_code == TOO_MANY
                    pause = max(pause, _seconds(answer.headers.get("retry-after", "")))
            self._counts["retries"] += 1
            if attempt + 1 < MAX_ATTEMPTS:
                await asyncio.sleep(pause)
        raise ServiceFailed(f"{method} {path}: {reason} in {MAX_ATTEMPTS} attempts")

    def _timeout(self, attempt: int) -> float:
        most = self._settings.request_timeout
        if self._settings.optimization_level == BASIC or not self._slowest:
            return most
        return min(max(TIMEOUT_FACTOR * self._slowest, LEAST_TIMEOUT_SECONDS) * 2.0**attempt, most)


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() else 0.0
