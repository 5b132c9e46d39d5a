"""Runs on a cluster whose workers are killed, added and removed meanwhile: the bytes that come out.

    python tests/studies/cluster_kills.py [RUNS] [--series 60] [--seed 1]

A scenario of so many series runs on one machine, and RUNS (10) times on a cluster of four
processes. In each run two workers that have begun a chunk are killed (-9), one after the other, at
moments that are drawn; one worker is added and one is removed. A row says what was done, the exit
code (1: without a baseline nothing is kept), how often a chunk had begun (4 if nothing is lost),
and how many of the files have the bytes of one machine.
"""

# ruff: noqa: T201  a script prints
import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from distributed import LocalCluster

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
from series_memory import project  # noqa: E402  beside it

_FLAGBENCH = "from flagbench.cli.main import main; main()"
_FILES = ("cells.jsonl", "summary.json", "report.md", "report.html", "cells.parquet")
_WORKERS, _KILLS = 4, 2
# Each chunk leaves the number of its worker's process, and is slow enough to be met in the middle.
_CONFTEST = """
import os, time
from pathlib import Path

MARKS = Path(os.environ["MARKS"])
(MARKS / f"{os.getppid()}-{os.getpid()}").touch()

def pytest_runtest_setup(item):
    time.sleep(float(os.environ["SLOW"]))
"""


def run(folder: Path, *options: str) -> int:
    """The exit code of a run."""
    return subprocess.run(
        [sys.executable, "-c", _FLAGBENCH, "run", *options],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    ).returncode  # fmt: skip


class Trouble:
    """What happens to a cluster while a run is going on."""

    def __init__(self, cluster: LocalCluster, marks: Path, rng: random.Random) -> None:
        self.killed, self.added, self.removed = 0, 0, 0
        self._cluster, self._marks, self._rng = cluster, marks, rng
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._make, daemon=True)

    def __enter__(self) -> "Trouble":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _make(self) -> None:
        for _ in range(_KILLS):
            self._kill()
        self._cluster.scale(_WORKERS + 1)
        self.added += 1
        self._is_over.wait(self._rng.uniform(0.0, 2.0))
        self._cluster.scale(_WORKERS)
        self.removed += 1

    def _kill(self) -> None:
        while not self._is_over.is_set():
            alive = {nanny.process.pid for nanny in self._cluster.workers.values()}
            begun = {int(mark.name.partition("-")[0]) for mark in self._marks.iterdir()}
            if working := sorted(alive & begun):
                self._is_over.wait(self._rng.uniform(0.0, 1.5))
                victim = self._rng.choice(working)
                if not self._is_over.is_set():
                    os.kill(victim, signal.SIGKILL)
                    self.killed += 1
                    for mark in self._marks.glob(f"{victim}-*"):
                        mark.rename(mark.with_name(f"0-{mark.name}"))
                return
            time.sleep(0.02)


def main() -> None:
    """Print a row for each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=int, nargs="?", default=10)
    parser.add_argument("--series", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)  # noqa: S311  no secret
    examples = str(ROOT / "tests" / "examples")
    os.environ["PYTHONPATH"] = os.pathsep.join([examples, os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as place:
        folder, latest = Path(name), Path(name) / "reports" / "latest"
        project(folder, given.series, 1)
        (folder / "pytest.ini").write_text("[pytest]\npythonpath = subjects\n")
        (folder / "conftest.py").write_text(_CONFTEST)
        os.environ |= {"MARKS": place, "SLOW": "0"}
        code = run(folder, "-p", "no:xdist", "--fresh")
        whole = {file: (latest / file).read_bytes() for file in _FILES}
        print(f"one machine: exit code {code}")
        print("run  killed  added  removed  exit code  chunks begun  files with the same bytes")
        for number in range(1, given.runs + 1):
            for file in latest.iterdir():
                if file.is_file():
                    file.unlink()
            with tempfile.TemporaryDirectory() as marks, tempfile.TemporaryDirectory() as scratch:
                os.environ |= {"MARKS": marks, "SLOW": "0.1"}
                with LocalCluster(
                    n_workers=_WORKERS, threads_per_worker=1, local_directory=scratch,
                    dashboard_address=None, silence_logs=50,
                ) as cluster:  # fmt: skip
                    address = cluster.scheduler_address.replace("tcp", "dask")
                    with Trouble(cluster, Path(marks), rng) as trouble:
                        code = run(folder, "--on", address)
                begun = len(list(Path(marks).iterdir()))
            same = sum(
                (latest / file).is_file() and (latest / file).read_bytes() == content
                for file, content in whole.items()
            )
            print(f"{number:3} {trouble.killed:7} {trouble.added:6} {trouble.removed:8} {code:10}"
                  f" {begun:13}  {same} of {len(_FILES)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
