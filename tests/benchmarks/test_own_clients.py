"""What a replayed call of a subject's own client costs, against the SDK on a dict of answers."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openai
import pytest
from replayed import Made, answer, cassette, messages, ratio_of, scenario_of
from test_replay import BASE_URL

from flagbench.cassette import mismatch
from flagbench.cassette.cassette import canonical_body
from flagbench.cassette.vcr_adapter import replaying
from flagbench.http_library import httpx
from flagbench.run.cell import run_cell

CALLS = 100
ANSWERS = {
    canonical_body(bytes(one.request_body)): answer(number)
    for number, one in enumerate(cassette(CALLS).interactions)
}


def looked_up(request: httpx.Request) -> httpx.Response:
    """The answer of the dict."""
    body = ANSWERS[canonical_body(request.content)]
    return httpx.Response(200, content=body, headers={"content-type": "application/json"})


async def ask_async(made: Callable[..., Any]) -> None:
    """All calls by an async client."""
    client = made()
    for number in range(CALLS):
        await client.chat.completions.create(model="gpt-4o-mini", messages=messages(number))


def ask(made: Callable[..., Any]) -> None:
    """All calls by a sync client."""
    client = made()
    for number in range(CALLS):
        client.chat.completions.create(model="gpt-4o-mini", messages=messages(number))


async def async_subject(requests: Any, **_: Any) -> Made:
    """A subject with a client of its own."""
    await ask_async(openai.AsyncOpenAI)
    return Made((), {})


def sync_subject(requests: Any, **_: Any) -> Made:
    """A sync subject, in its own thread."""
    ask(openai.OpenAI)
    return Made((), {})


async def blocking_subject(requests: Any, **_: Any) -> Made:
    """Sync calls on the loop."""
    ask(openai.OpenAI)
    return Made((), {})


def alone(kind: str) -> None:
    """The same calls on a dict of answers."""
    transport = httpx.MockTransport(looked_up)
    common = {"base_url": BASE_URL, "api_key": "x"}
    if kind == "async":
        http = httpx.AsyncClient(transport=transport)
        asyncio.run(ask_async(partial(openai.AsyncOpenAI, http_client=http, **common)))
    else:
        ask(partial(openai.OpenAI, http_client=httpx.Client(transport=transport), **common))


@pytest.mark.parametrize(
    ("subject", "kind"),
    [(async_subject, "async"), (sync_subject, "sync"), (blocking_subject, "sync")],
    ids=["async", "sync, in a thread", "sync, on the loop"],
)
def test_a_replayed_call_costs_at_most_half_more_than_the_sdk(
    benchmark: Any, report: Any, subject: Any, kind: str, request: Any
) -> None:
    """The whole cell of a hundred calls counts."""
    wire = httpx.HTTPTransport(trust_env=False)
    recorded = cassette(CALLS)
    assert recorded.path == Path("bench.yaml")
    scenario = scenario_of(subject)
    explain = mismatch.explainer(scenario, scenario.control, 1)

    def replay() -> None:
        run_cell(
            scenario, scenario.control, 1, opened=replaying(recorded, BASE_URL, explain),
            base_url=BASE_URL, api_key="replay", wire=wire,
        )  # fmt: skip

    ratio = ratio_of(replay, partial(alone, kind), rounds=7)
    report(f"own client ({request.node.callspec.id}) / SDK on a dict", ratio, "at most 1.5")
    benchmark.pedantic(replay, rounds=2)
    assert ratio <= 1.5
