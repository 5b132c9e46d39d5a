"""Noise of the local CPU time: `python tests/benchmarks/local_cpu_noise.py [REPLAYS]`.

It replays `none` and `all` of two scenarios again and again, and holds the least of each five
replays against that of the next five: nothing changes between them, so whatever differs is noise.
The bounds of `series/local_work.py` must lie above it on a machine that is not held up.
"""

import statistics
import sys
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from click import echo

from flagbench.run.options import Options
from flagbench.scenario import loading
from flagbench.series.cell_runner import CellRunner

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS, SERIES = ("student", "academic-session"), ("none", "all")
REPLAYS, GROUP = 20, 5


def seconds_of(
    name: str, combination_id: str, replays: int, reports: Path
) -> tuple[list[float], int]:
    """CPU seconds of local work in each replay of the first trial, and its calls."""
    scenario = replace(loading.load(ROOT / "scenarios" / f"{name}.yaml"), acceptance=())
    (combination,) = (each for each in scenario.combinations if each.id == combination_id)
    runner = CellRunner(Options(ROOT / "cassettes", ROOT / "baselines", reports))
    runs = [runner.run(scenario, combination, 1) for _ in range(replays + 1)][1:]  # warm
    return [run.local_cpu_seconds for run in runs], max(len(runs[0].calls), 1)


def main(replays: int) -> None:
    """Print a line for each series."""
    echo("scenario          series  ms a call: median   max  least of 5 against the next: largest")
    with tempfile.TemporaryDirectory() as folder:
        for name in SCENARIOS:
            for combination in SERIES:
                seconds, calls = seconds_of(name, combination, replays, Path(folder))
                groups = [seconds[at : at + GROUP] for at in range(0, replays - GROUP + 1, GROUP)]
                least = [min(group) for group in groups]
                largest = max(max(a, b) / min(a, b) for a, b in pairwise(least))
                middle, most = (
                    1000 * amount / calls for amount in (statistics.median(seconds), max(seconds))
                )
                echo(f"{name:17} {combination:6} {middle:18.2f} {most:5.2f} {largest:40.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else REPLAYS)
