"""The virtual clock against a real one: the same session, live over HTTP and really slept."""

import asyncio
import time
from pathlib import Path

import pytest
from openai import AsyncOpenAI
from pytest_benchmark.fixture import BenchmarkFixture

from flagbench.run import forecast as forecast_of
from flagbench.run import recording
from flagbench.run.options import Options
from flagbench.scenario import loading
from flagbench.scenario.designs import parse
from flagbench.series.runner import SeriesRunner
from flagbench.simulator.server import running_provider
from flagbench_generators.crud.subject import crud

SCENARIO = """
title: A session whose agents run in parallel
about: Its latency is scaled down, so that it can be lived through.
subject: crud
trials: 1
provider: {name: simulated, settings: {latency_scale: 0.1}}
requests: [Create a Student with a name.]
design: named
combinations: [compressed+parallel]
"""


def test_the_virtual_clock_agrees_with_a_live_run_within_three_percent(
    tmp_path: Path, benchmark: BenchmarkFixture
) -> None:
    """Recorded and replayed seconds are the wall clock's seconds of the same session.

    The process' own work is taken off the wall clock: the virtual one leaves it out by design, and
    a report shows it apart. A busy machine makes a run longer, so the best of five is compared.
    """
    path = tmp_path / "scenarios" / "live.yaml"
    path.parent.mkdir()
    path.write_text(SCENARIO)
    options = Options(
        cassettes=tmp_path / "cassettes", baselines=tmp_path, reports=tmp_path,
        combinations=("compressed+parallel",),
    )  # fmt: skip
    one = options.applied_to(loading.load(path))
    with forecast_of.simulated(one) as endpoint:
        recording.record_trial(
            one, 1, endpoint,
            cassettes=options.cassettes, fresh=False, on_cell=lambda: None,
        )  # fmt: skip
    series = SeriesRunner(options).series(one, parse("compressed+parallel", one.factors))
    virtual_seconds = series.cells[0].measurement.seconds

    seconds = list[float]()

    def live(base_url: str) -> None:
        async def session() -> None:
            async with AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
                await crud(
                    one.requests,
                    one.environment(one.combinations[0]),
                    client,
                    model=one.model,
                    workdir=tmp_path,
                    listener=lambda _: None,
                )

        started, busy = time.perf_counter(), time.process_time()
        asyncio.run(session())
        seconds.append(time.perf_counter() - started - (time.process_time() - busy))

    with running_provider(one.settings, sleep=True) as base_url:
        benchmark.pedantic(live, (base_url,), rounds=5)
    assert virtual_seconds > 2
    assert min(seconds) / virtual_seconds == pytest.approx(1, abs=0.03)
