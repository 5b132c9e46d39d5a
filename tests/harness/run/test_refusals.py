"""Refusals: a call that does not wait is refused again; one that waits gets the next answer."""

import asyncio
import email.utils
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import openai
import pytest
from interactions import interaction
from scripted_provider import Answer, Received
from test_transport import COMPLETION, ask, play, record, recorded

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CellStopped
from flagbench.headers import WAITED
from flagbench.run.randomness import seeded

REFUSED = b'{"error": {"message": "slow down"}}'


def refusal(wait: str = "20", seconds: float = 0.5, status: int = 429) -> Interaction:
    """A recorded refusal of the call `a`."""
    return interaction(
        request_body=recorded("a", 0).request_body, response_body=REFUSED, status=status,
        elapsed_seconds=seconds, headers={"retry-after": (wait,)},
    )  # fmt: skip


def answered(waited: str | None = "20.000000") -> Interaction:
    """The answer that was recorded after such a wait."""
    headers = {"content-type": ("application/json",)}
    if waited is not None:
        headers[WAITED] = (waited,)
    return interaction(
        request_body=recorded("a", 0).request_body, response_body=COMPLETION,
        elapsed_seconds=1.0, headers=headers,
    )  # fmt: skip


def waiting(seconds: float) -> Callable[[openai.AsyncOpenAI], object]:
    """A subject that pauses so long after each refusal, up to 100 times."""

    async def calls(client: openai.AsyncOpenAI) -> None:
        for _ in range(100):
            try:
                await ask(client, "a")
            except openai.RateLimitError:
                await asyncio.sleep(seconds)
            else:
                return

    return calls


@pytest.mark.parametrize(
    ("pause", "calls", "seconds"),
    [(20, 2, 21.5), (30, 2, 31.5), (0, 42, 21.5), (5, 5, 23.0), (19.999, 3, 41.998)],
)
def test_a_call_before_the_end_of_its_wait_is_refused_again(
    pause: float, calls: int, seconds: float
) -> None:
    """It costs the latency of the refusal; ignoring `retry-after` is never faster."""
    cassette = Cassette.of(Path("x"), {}, [refusal(), answered()])
    made, took = play(cassette, waiting(pause))
    assert (len(made), round(took, 3)) == (calls, seconds)
    assert [call.interaction.status for call in made] == [429] * (calls - 1) + [200]


@pytest.mark.parametrize(
    ("cassette", "pause", "calls"),
    [
        ([refusal(), answered("2.000000")], 2.0, 2),
        ([refusal(), answered("2.000000")], 1.0, 3),
        ([refusal(), answered(None)], 1.0, 2),
        ([refusal("soon"), answered()], 1.0, 2),
        ([refusal("0"), answered()], 1.0, 2),
        ([refusal(), refusal(), answered()], 20.0, 3),
        ([refusal(seconds=0.0), answered()], 0.0, 201),
    ],
    ids=[
        "recorded as early", "earlier than recorded", "not known when", "no number", "no wait",
        "refused twice", "no latency",
    ],
)  # fmt: skip
def test_what_the_recording_knows_is_played(
    cassette: list[Interaction], pause: float, calls: int
) -> None:
    """An answer that the provider gave so early is its own."""
    made, _ = play(Cassette.of(Path("x"), {}, cassette), waiting(pause))
    assert len(made) == min(calls, 100)


def test_another_request_is_not_refused() -> None:
    """The recording says nothing of it."""
    cassette = Cassette.of(Path("x"), {}, [refusal(), recorded("b", 1.0)])

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.RateLimitError):
            await ask(client, "a")
        await ask(client, "b")

    assert play(cassette, calls)[1] == 1.5


def limited(seconds: float, headers: dict[str, str]) -> Callable[[Received], Answer]:
    """A provider with a real clock, which refuses for so long after the first request."""
    began = list[float]()

    def script(_: Received) -> Answer:
        began.append(time.monotonic())
        if began[-1] - began[0] < seconds:
            return Answer(status=429, headers=headers, elapsed_ms=None)
        return Answer(elapsed_ms=None)

    return script


@pytest.mark.parametrize("headers", [{"retry-after": "1"}, {"retry-after-ms": "1000"}, {}])
def test_a_real_provider_is_asked_after_the_wait(headers: dict[str, str], tmp_path: Path) -> None:
    """The subject's wait is virtual; asked at once, the provider would have to refuse again."""
    cassette = Cassette.of(tmp_path / "1.yaml", {}, [])
    _, asked = record(cassette, limited(0.95, headers), waiting(1.0))
    assert [call.status for call in cassette.interactions] == [429, 200]
    assert len(asked) == 2


def test_a_refusal_holds_in_the_next_cell(tmp_path: Path) -> None:
    """One combination is not refused for what another has sent."""
    words = iter("ab")

    async def calls(client: openai.AsyncOpenAI) -> None:
        with suppress(openai.RateLimitError):
            await ask(client, next(words))

    cassette = Cassette.of(tmp_path / "1.yaml", {}, [])
    record(cassette, limited(0.95, {"retry-after": "1"}), calls, cells=2)
    assert [call.status for call in cassette.interactions] == [429, 200]


def dated(received: Received) -> Answer:
    """A refusal until a date, then an answer."""
    if received.number > 1:
        return Answer()
    until = email.utils.formatdate(time.time() + 25, usegmt=True)
    return Answer(status=429, headers={"retry-after": until})


def failing(received: Received) -> Answer:
    """Two errors without a wait, then an answer: the client draws its pauses."""
    return Answer(status=500 if received.number < 3 else 200)


@pytest.mark.parametrize(("script", "least"), [(dated, 25.0), (failing, 1.125)])
def test_a_clients_own_retries_cost_the_same_every_time(
    script: Callable[[Received], Answer], least: float, tmp_path: Path
) -> None:
    """In the recording and in every replay."""

    async def calls(client: openai.AsyncOpenAI) -> None:
        await ask(client.with_options(max_retries=4), "a")

    cassette = Cassette.of(tmp_path / "1.yaml", {}, [])
    with seeded("x"):
        seconds, asked = record(cassette, script, calls)
    assert seconds >= least
    assert len(asked) == len(cassette.interactions)
    for _ in range(3):
        with seeded("x"):
            assert play(cassette, calls)[1] == seconds


def test_a_date_whose_answer_has_no_time_is_no_wait_of_zero() -> None:
    """A cassette of an earlier version."""
    cassette = Cassette.of(Path("x"), {}, [refusal("Wed, 21 Oct 2026 07:28:00 GMT"), answered()])
    with pytest.raises(CellStopped, match="not when it was given"):
        play(cassette, waiting(1.0))
