"""Calls held back or refused, on the virtual clock."""

import asyncio

from flagbench.http_library import httpx
from flagbench.run.counterfactual import RECORDED, Counterfactual
from flagbench.run.rate_limit import REFUSAL_SECONDS, RateLimitedTransport
from flagbench.run.virtual_clock import run_virtual

ANSWER_SECONDS = 4.0


class Slow(httpx.AsyncBaseTransport):
    """Answers after four seconds, and notes how many calls were with it at once."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(ANSWER_SECONDS)
        self.now -= 1
        return httpx.Response(200, request=request)


def ask(
    counterfactual: Counterfactual, calls: int, *, together: bool
) -> tuple[list[httpx.Response], Slow, float]:
    """Make so many calls; the answers, who gave them, and the virtual seconds."""
    inner = Slow()

    async def main() -> list[httpx.Response]:
        transport = RateLimitedTransport(inner, counterfactual)
        request = httpx.Request("POST", "http://provider/v1")
        if together:
            works = [transport.handle_async_request(request) for _ in range(calls)]
            return list(await asyncio.gather(*works))
        return [await transport.handle_async_request(request) for _ in range(calls)]

    answers, seconds = run_virtual(main())
    return answers, inner, round(seconds, 6)


def test_the_recorded_world_admits_everything() -> None:
    """Ten at once take as long as one."""
    answers, inner, seconds = ask(RECORDED, 10, together=True)
    assert ({one.status_code for one in answers}, inner.most, seconds) == ({200}, 10, 4.0)


def test_calls_beyond_the_parallelism_wait() -> None:
    """Five calls, two at a time: three rounds."""
    _, inner, seconds = ask(Counterfactual(parallelism=2), 5, together=True)
    assert (inner.most, seconds) == (2, 12.0)


def test_a_call_beyond_the_rate_is_refused_with_the_time_to_wait() -> None:
    """Two a minute: the third is told to come back when the first is a minute old."""
    answers, _, seconds = ask(Counterfactual(requests_per_minute=2), 3, together=False)
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == f"{60 - 8 - REFUSAL_SECONDS:.3f}"
    assert seconds == 8.0 + REFUSAL_SECONDS


def test_the_window_slides() -> None:
    """Who waits as told is admitted, and no earlier."""

    async def main() -> list[int]:
        transport = RateLimitedTransport(Slow(), Counterfactual(requests_per_minute=1))
        request = httpx.Request("POST", "http://provider/v1")
        found = []
        for pause in (0.0, 55.0, 1.0):
            await asyncio.sleep(pause)
            found.append((await transport.handle_async_request(request)).status_code)
        return [*found, transport.refused]

    # 4 s for the answer and 55 s of pause: 59 s; with the refusal and a second more: 60.1 s.
    assert run_virtual(main())[0] == [200, 429, 200, 1]
