"""Requests to an HTTP service: pooled connections, throttled, repeated where that may help."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx

from flagbench_generators.optimizer.settings import BASIC, Settings
from flagbench_generators.optimizer.throttle import Throttle

MAX_FAILURES, MAX_REFUSALS = 5, 20
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.5, 60.0
LEAST_TIMEOUT_SECONDS = 5.0
# An answer that takes this many times as long as the slowest before is asked for again.
TIMEOUT_FACTOR = 4.0
_TOO_MANY, _SERVER_ERROR, _NOT_IMPLEMENTED = 429, 500, 501


class ServiceFailed(Exception):  # noqa: N818  a result of the operation, not an error of its caller
    """A request without a usable answer after all attempts; the text says what came last.

    `is_final` if another request to the service would fare as this one, whatever it asks for.
    """

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Service:
    """A client of a service until it is closed; `counts` grows with what it does.

    `missing` are the paths that the service is known not to have.
    """

    def __init__(
        self, base_url: str, settings: Settings, throttle: Throttle, counts: Counter[str],
        headers: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.missing = set[str]()
        self._settings = settings
        self._throttle = throttle
        self._counts = counts
        self._slowest = 0.0
        self._free = asyncio.Semaphore(settings.requests_at_once)
        # Certificates are read where they are needed: that takes longer than a request.
        self._client = httpx.AsyncClient(
            base_url=base_url, headers=headers, trust_env=False,
            limits=httpx.Limits(max_connections=settings.requests_at_once),
            verify=base_url.startswith("https"),
        )  # fmt: skip

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer to a request. Raises `ServiceFailed`.

        It fails after `MAX_FAILURES` of 5xx, lost connections and timeouts, or `MAX_REFUSALS` by
        429. Between attempts is a pause that doubles, or `retry-after`, unless that is longer than
        `MOST_PAUSE_SECONDS`.
        """
        failures = refusals = 0
        while True:
            pause = FIRST_PAUSE_SECONDS * 2.0 ** min(failures + refusals, MAX_FAILURES - 1)
            async with self._free:
                await self._throttle()
                self._counts["requests"] += 1
                answer, reason = await self._attempt(method, path, body, failures)
            status = answer.status_code if answer is not None else 0
            if answer is not None and not is_temporary(status):
                return answer
            after = answer.headers.get("retry-after", "") if answer is not None else ""
            pause = max(pause, float(after) if after.isdecimal() else 0)
            failures += status != _TOO_MANY
            refusals += status == _TOO_MANY
            self._counts["limited"] += status == _TOO_MANY
            if pause > MOST_PAUSE_SECONDS:
                told = f"{method} {path}: {reason}, to be asked in {pause:.0f} s"
                raise ServiceFailed(told, is_final=True)
            if failures == MAX_FAILURES or refusals == MAX_REFUSALS:
                told = f"{method} {path}: {reason} in {failures + refusals} attempts"
                raise ServiceFailed(told, is_final=refusals == MAX_REFUSALS)
            self._counts["retries"] += 1
            await asyncio.sleep(pause)

    async def _attempt(
        self, method: str, path: str, body: Any, failures: int
    ) -> tuple[httpx.Response | None, str]:
        """An answer, or None; and the reason, if it is of no use."""
        loop = asyncio.get_running_loop()
        began, timeout = loop.time(), self._timeout(failures)
        try:
            answer = await self._client.request(method, path, json=body, timeout=timeout)
        except httpx.TransportError as error:
            return None, type(error).__name__
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise ServiceFailed(f"{method} {path}: {error}") from error
        if not is_temporary(answer.status_code):
            self._slowest = max(self._slowest, loop.time() - began)
        return answer, f"status {answer.status_code}"

    def _timeout(self, failures: int) -> float:
        """The last attempt may take as long as any: adapting must not change an answer."""
        most = self._settings.request_timeout
        is_last = failures == MAX_FAILURES - 1
        if is_last or self._settings.optimization_level == BASIC or not self._slowest:
            return most
        return min(max(TIMEOUT_FACTOR * self._slowest, LEAST_TIMEOUT_SECONDS) * 2.0**failures, most)


def is_temporary(status: int) -> bool:
    """True for an answer that may be another the next time."""
    return status == _TOO_MANY or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED)
