"""Time until pages of a large run are open in `flagbench view`.

`python tests/benchmarks/view_pages.py [--series 1000] [--trials 10]`: the tiny scenario is run, its
cells are multiplied, and the view of the result is asked for pages over HTTP, each first by a new
server and then again. Times include reading `cells.jsonl`.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "examples"))
PAGES = ("index.html", "tiny/index.html", "tiny/index.html?page=2", "tiny/index.html?series=s7",
         "search.html?q=hello", "tiny/@frontier.html", "tiny/@claims.html")  # fmt: skip


def _multiply(folder: Path, series: int, trials: int) -> int:
    """Replace the results by so many series of so many trials; returns the bytes of the cells."""
    from flagbench.measurement import results
    from flagbench.report.data import json_files, series_file
    from flagbench.report.series_report import RunReport

    first = series_file.load(folder, "tiny")[0]
    (cell, *_) = (cell for cell in results.load(folder) if cell.combination == "none")
    members = []
    for place in range(series):
        name = f"s{place}" if place else "none"
        cells = [replace(cell, combination=name, trial=trial + 1) for trial in range(trials)]
        members.append(replace(first, combination=name, place=place, cells=cells, trials=trials))
    json_files.write(RunReport.of(members), folder)
    return (folder / results.CELLS_FILE).stat().st_size


def _seconds(address: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(address) as answer:  # noqa: S310  it is our own
        answer.read()
    return time.perf_counter() - started


def _measure(folder: Path, page: str) -> Sequence[float]:
    """Seconds from the start of a server until it answers; then of the page, and once more."""
    command = [str(Path(sys.executable).with_name("flagbench")), "view", "--no-browser"]
    started = time.perf_counter()
    view = subprocess.Popen([*command, "--port=0"], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert view.stdout is not None
        address = view.stdout.readline().split()[2]
        with suppress(urllib.error.HTTPError):  # the process that renders pages has begun
            _seconds(f"{address}none.html")
        ready = time.perf_counter() - started
        return ready, _seconds(address + page), _seconds(address + page)
    finally:
        view.send_signal(signal.SIGINT)
        view.wait()


def main() -> None:
    """Print a line for each page."""
    from house import EXAMPLES, House
    from scripted_provider import scripted_provider

    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--trials", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        house = House(folder)
        paths = [str(EXAMPLES), *filter(None, [os.environ.get("PYTHONPATH")])]
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
        shutil.copytree(EXAMPLES / "scenarios", folder / "scenarios")
        with scripted_provider() as provider:
            house.record(provider.base_url)
        words = [sys.executable, "-m", "pytest", "scenarios", "-q", "-p", "no:xdist"]
        subprocess.run(
            [*words, "--flagbench-scenarios=scenarios"], cwd=folder, check=False,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        size = _multiply(folder / "reports" / "latest", given.series, given.trials)
        print(f"{given.series * given.trials:,} cells, {size / 1e6:.1f} MB")  # noqa: T201
        print("server s  first s  again s  page")  # noqa: T201
        for page in PAGES:
            figures = " ".join(f"{seconds:8.2f}" for seconds in _measure(folder, page))
            print(f"{figures}  {page}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
