"""Peak memory and CPU time of a run by its number of series.

`python tests/benchmarks/series_memory.py 1000 2000 4000 10000 [--trials 10] [--workers 2]
[--accept]`: a scenario of each number of series runs in its own pytest. The memory is that of the
largest process, whose part above a run of two series is compared with the run before, as is the
CPU time of all processes: a growth that equals that of the series is linear.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "examples"))

_SUBJECT = """
from tiny import write

async def run(requests, flags, client, **more):
    return await write(requests, {}, client, **more)
"""


def measured(series: int, options: list[str]) -> tuple[float, float]:
    """CPU seconds of a run, and the peak resident memory of its largest process in MiB."""
    # A child's peak is the largest of all children so far, so each run has its own parent.
    words = [sys.executable, __file__, str(series), "--one", *options]
    seconds, peak = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def _primes(number: int) -> Iterator[int]:
    """The prime factors of a number: as many levels give a full design of so many series."""
    divisor = 2
    while number > 1:
        while number % divisor == 0:
            yield divisor
            number //= divisor
        divisor += 1


def _factors(series: int) -> str:
    return ", ".join(
        f"flag_{place}: {{env: FLAG_{place}, levels: [{', '.join(f'l{n}' for n in range(levels))}],"
        " default: l0}"
        for place, levels in enumerate(_primes(series))
    )


def project(folder: Path, series: int, trials: int) -> None:
    """Make a recorded project with so many series; its subject is in `subjects`."""
    from house import House
    from scripted_provider import scripted_provider

    house = House(folder)
    house.scenario_file.parent.mkdir()
    (house.path / "subjects").mkdir()
    # Or the root were a folder above with a file of pytest's, and the cassettes were not found.
    (house.path / "pytest.ini").write_text("[pytest]\n")
    (house.path / "subjects" / "deaf.py").write_text(_SUBJECT)
    sys.path.insert(0, str(house.path / "subjects"))
    house.write(
        "title: t\nabout: a\nsubject: deaf.run\nrequests: [a function that says hello]\n"
        f"trials: {trials}\nfactors: {{{_factors(series)}}}\n"
        "design: named\ncombinations: [none]\n"
    )
    with scripted_provider() as provider:
        house.record(provider.base_url)
    text = house.scenario_file.read_text()
    house.write(re.sub("design: .*\ncombinations: .*\n", "", text))


def _run(series: int, trials: int, workers: int, *, accept: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project(Path(folder), series, trials)
        inherited = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([str(ROOT / "tests" / "examples"), str(Path(folder) / "subjects")])
        words = [sys.executable, "-m", "pytest", "scenarios", "-q", "-q"]
        words += ["-n", str(workers)] if workers else ["-p", "no:xdist"]
        words += ["--flagbench-accept-baselines"] * accept
        before = _cpu_seconds()
        ended = subprocess.run(
            [*words, "--flagbench-scenarios=scenarios"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, [inherited]), path])},
            check=accept,
            stdout=subprocess.DEVNULL,
        )
        measured_cells = (Path(folder) / "reports" / "latest" / "cells.jsonl").read_text()
        # Without baselines every series is BROKEN or KEPT, as it may be.
        if ended.returncode not in (0, 1) or measured_cells.count("\n") != series * trials:
            raise SystemExit(
                f"not measured: {measured_cells.count(chr(10))} cells of {series * trials}"
            )
        seconds = _cpu_seconds() - before
    print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)  # noqa: T201


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print a line for each number of series."""
    parser = argparse.ArgumentParser()
    parser.add_argument("series", nargs="+", type=int)
    parser.add_argument("--trials", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _run(given.series[0], given.trials, given.workers, accept=given.accept)
        return
    options = [f"--trials={given.trials}", f"--workers={given.workers}"]
    options += ["--accept"] * given.accept
    least_seconds, least = measured(2, options)
    before = None
    print("series    cells    CPU s    MiB   growth: series  seconds  MiB")  # noqa: T201
    for series in given.series:
        seconds, peak = measured(series, options)
        now = (series, seconds - least_seconds, peak - least)
        growth = zip(now, before, strict=True) if before else ()
        ratios = " ".join(f"{new / old:8.1f}" for new, old in growth)
        row = f"{series:6} {series * given.trials:8} {seconds:8.1f} {peak:6.0f}   {ratios}"
        print(row, flush=True)  # noqa: T201
        before = now


if __name__ == "__main__":
    main()
