"""Time of a run on a local cluster of 1, 2, 4 processes, beside one process without a cluster.

`python tests/benchmarks/cluster.py 1000 [--workers 1 2 4]`: a scenario of so many series, a cell
each. A row has the seconds of the whole command, its ratio to the first row, and the seconds until
the first progress line and after the last (the merge). Below, the bytes that a chunk sends.
"""

# ruff: noqa: T201  a script prints
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from series_memory import ROOT, project

_FLAGBENCH = "from flagbench.cli.main import main; main()"
_SERVE = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, dashboard_address=None,
                      local_directory=sys.argv[2]) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def timed(folder: Path, *options: str) -> tuple[float, float, float]:
    """Seconds of a run: all, until the first line on standard error, and after the last one."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _FLAGBENCH, "run", *options],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    lines = [time.perf_counter() - began for line in process.stderr if "chunk" in line]
    process.wait()
    whole = time.perf_counter() - began
    return (whole, lines[0], whole - lines[-1]) if lines else (whole, 0.0, 0.0)


def on_cluster(folder: Path, workers: int) -> tuple[float, float, float]:
    """Seconds of a run on so many processes, which have started before."""
    with tempfile.TemporaryDirectory() as place:
        serve = Path(place) / "serve.py"
        serve.write_text(_SERVE)
        with subprocess.Popen(
            [sys.executable, str(serve), str(workers), place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        ) as cluster:  # fmt: skip
            assert cluster.stdout is not None
            address = cluster.stdout.readline().strip().replace("tcp", "dask")
            seconds = timed(folder, "--on", address)
            cluster.communicate()
    return seconds


def main() -> None:
    """Print a row for each number of processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("series", type=int)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    given = parser.parse_args()
    examples = str(ROOT / "tests" / "examples")
    os.environ["PYTHONPATH"] = os.pathsep.join([examples, os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, given.series, 1)
        (folder / "pytest.ini").write_text("[pytest]\npythonpath = subjects\n")
        alone, *_ = timed(folder, "-p", "no:xdist", "--fresh")
        print("processes   seconds  ratio  to first chunk  merge")
        print(f"no cluster {alone:8.1f}   1.00", flush=True)
        for workers in given.workers:
            whole, first, merge = on_cluster(folder, workers)
            print(f"{workers:10} {whole:8.1f} {whole / alone:6.2f} {first:15.1f} {merge:6.1f}",
                  flush=True)  # fmt: skip
        timed(folder, "-p", "no:xdist", "--fresh", "--shard", "1/1")
        latest = folder / "reports" / "latest"
        sent = sum((latest / name).stat().st_size for name in ("shard.json", "cells.jsonl"))
        print(f"bytes of results for a cell: {sent / given.series:,.0f}")
        print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
