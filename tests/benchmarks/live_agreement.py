"""Virtual seconds of parallel calls beside the wall clock of the same calls, live over HTTP.

    python tests/benchmarks/live_agreement.py [RUNS]

Sixteen calls by four threads, and by as many tasks at once, to a provider that takes seconds. The
process' own work is not part of virtual time and is taken off the live one; of RUNS (5) the best
counts, since another process makes a run longer and never shorter.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai

from flagbench.run import forecast, recording
from flagbench.run.options import Options
from flagbench.scenario import loading
from flagbench.series.runner import SeriesRunner
from flagbench.simulator.server import running_provider

REQUESTS = [f"Write {number} lines about parallel work." for number in range(1, 17)]
SCENARIO = f"""
title: Parallel calls
about: Threads and tasks against the wall clock.
subject: live_agreement.SUBJECT
model: gpt-4o-mini
trials: 1
provider: {{name: simulated}}
requests: {REQUESTS}
factors: {{nothing: {{env: NOTHING}}}}
design: named
combinations: [none]
"""


def _asked(text: str) -> dict[str, object]:
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}


def threads(requests: tuple[str, ...], base_url: str) -> None:
    """Four threads, each with a client of its own that waits."""
    with (
        openai.OpenAI(base_url=base_url, api_key="none", max_retries=0) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        list(pool.map(lambda text: client.chat.completions.create(**_asked(text)), requests))


async def tasks(requests: tuple[str, ...], base_url: str) -> None:
    """All requests at once."""
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        await asyncio.gather(*(client.chat.completions.create(**_asked(text)) for text in requests))


LIVE: dict[str, Callable[[str], None]] = {
    "threads": lambda base_url: threads(tuple(REQUESTS), base_url),
    "tasks": lambda base_url: asyncio.run(tasks(tuple(REQUESTS), base_url)),
}


def virtual_seconds(subject: str, folder: Path) -> float:
    """Record a subject from the simulated provider, replay it, and return its seconds."""
    path = folder / f"{subject}.yaml"
    path.write_text(SCENARIO.replace("SUBJECT", subject))
    options = Options(cassettes=folder / "cassettes", baselines=folder, reports=folder)
    scenario = loading.load(path)
    with forecast.simulated(scenario) as endpoint:
        recording.record_trial(
            scenario, 1, endpoint, cassettes=options.cassettes, fresh=False, on_cell=lambda: None
        )
    series = SeriesRunner(options).series(scenario, scenario.combinations[0])
    return float(series.cells[0].measurement.seconds or 0.0)


def live_seconds(call: Callable[[str], None], base_url: str) -> float:
    """The wall clock of one run, without the CPU time of this process."""
    started, busy = time.perf_counter(), time.process_time()
    call(base_url)
    return time.perf_counter() - started - (time.process_time() - busy)


def main(runs: int) -> None:
    """Print a row for each way of calling."""
    sys.stdout.write("| calls | virtual s | live s | error |\n|---|---|---|---|\n")
    with tempfile.TemporaryDirectory() as name:
        scenario_folder = Path(name)
        for subject, call in LIVE.items():
            virtual = virtual_seconds(subject, scenario_folder)
            settings = loading.load(scenario_folder / f"{subject}.yaml").settings
            with running_provider(settings, sleep=True) as base_url:
                live = min(live_seconds(call, base_url) for _ in range(runs))
            error = live / virtual - 1
            sys.stdout.write(f"| {subject} | {virtual:.3f} | {live:.3f} | {error:+.2%} |\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
