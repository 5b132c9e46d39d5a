"""What a replay costs, as ratios of CPU time measured in one run."""

import asyncio
from collections.abc import Callable

from openai import AsyncOpenAI
from replayed import ANSWER, Made, answer, caller, cassette, messages, ratio_of, scenario_of

from flagbench.cassette import mismatch
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.vcr_adapter import replaying
from flagbench.http_library import httpx
from flagbench.measurement.measurement import measure
from flagbench.run.cell import run_cell
from flagbench.run.openai_client import client_over
from flagbench.tokenizer import packaged_encoding

CALLS = 10
BASE_URL = "http://provider/v1"


def cell_of(calls: range | Callable[..., object], one: Cassette) -> Callable[[], object]:
    """A function that replays and measures a cell with these calls, or of this subject."""
    wire = httpx.HTTPTransport(trust_env=False)
    scenario = scenario_of(caller(calls) if isinstance(calls, range) else calls)
    explain = mismatch.explainer(scenario, scenario.control, 1)

    def run() -> object:
        done = run_cell(
            scenario, scenario.control, 1, opened=replaying(one, BASE_URL, explain),
            base_url=BASE_URL, api_key="replay", wire=wire,
        )  # fmt: skip
        return measure(done, scenario, scenario.control, 1, cassette=one.digest, prices=())

    return run


def test_a_replayed_cell_costs_at_most_half_more_than_its_calls(benchmark, report):
    """A cell of ten calls against the openai client, JSON and tiktoken for the same ten alone."""
    encoding = packaged_encoding("o200k_base")
    subject = caller(range(CALLS))
    bodies = [answer(number) for number in range(CALLS)]

    def alone() -> None:
        places = iter(bodies)
        transport = httpx.MockTransport(
            lambda _: httpx.Response(
                200, content=next(places), headers={"content-type": "application/json"}
            )
        )

        async def main() -> Made:
            client = client_over(transport, BASE_URL, "replay")
            assert isinstance(client, AsyncOpenAI)
            return await subject((), {}, client, model="gpt-4o-mini")

        asyncio.run(main())
        for number in range(CALLS):
            for message in messages(number):
                encoding.encode_ordinary(message["content"])
            encoding.encode_ordinary(ANSWER)

    cell = cell_of(range(CALLS), cassette(CALLS))
    ratio = ratio_of(cell, alone)
    report("replayed cell / its calls alone", ratio, "at most 1.5")
    benchmark(cell)
    assert ratio <= 1.5


def test_a_call_costs_the_same_on_a_long_cassette(benchmark, report):
    """A cell at the end of 5,000 interactions against the same cell on 100."""
    short, long = cassette(100), cassette(5000)
    of_long = cell_of(range(5000 - CALLS, 5000), long)
    of_short = cell_of(range(100 - CALLS, 100), short)
    ratio = ratio_of(of_long, of_short)
    report("call on 5,000 interactions / on 100", ratio, "within 10 %")
    benchmark(of_long)
    assert 0.9 <= ratio <= 1.1


def test_ten_times_the_cells_cost_ten_times_as_much(benchmark, report):
    """640 cells against 64."""
    cell = cell_of(range(3), cassette(3))

    def many(cells: int) -> Callable[[], object]:
        return lambda: [cell() for _ in range(cells)]

    ratio = ratio_of(many(640), many(64), rounds=5)
    report("640 cells / 64 cells", ratio, "10 within 10 %")
    benchmark.pedantic(many(64), rounds=3)
    assert 9.0 <= ratio <= 11.0
