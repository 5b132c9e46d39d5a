"""Recordings on a cluster whose workers are killed meanwhile: the answers, and what is asked twice.

    python tests/studies/recording_kills.py [RUNS] [--seed 1]

A scenario of four trials is recorded on one machine, and RUNS (10) times on three workers. In each
run two workers that record are killed (-9), one after the other, when the provider has got as many
requests as was drawn; each of its answers takes a fifth of a second. A row says how many were
killed, the exit code, how many requests the provider got of the 24 that are needed, and how many
of the four cassettes have the requests and answers of one machine, in their order.
"""

# ruff: noqa: T201  a script prints
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from distributed import LocalCluster

from flagbench.cassette import file

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "examples"))
from scripted_provider import Answer, Received, in_words, scripted_provider  # noqa: E402

_FLAGBENCH = "from flagbench.cli.main import main; main()"
_WORKERS, _KILLS, _TRIALS, _NEEDED, _ANSWER_SECONDS = 3, 2, 4, 24, 0.2


def slow(asked: Received) -> Answer:
    """An answer that depends on its prompt alone, and takes its time."""
    time.sleep(_ANSWER_SECONDS)
    return in_words(asked)


def record(folder: Path, base_url: str, *options: str) -> int:
    """The exit code of a recording."""
    return subprocess.run(
        [sys.executable, "-c", _FLAGBENCH, "record", "scenarios", "--provider", "scripted",
         "--base-url", base_url, "--yes", *options],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    ).returncode  # fmt: skip


def kill(
    cluster: LocalCluster, moments: list[int], received: list[Received], over: threading.Event
) -> None:
    """Kill a worker that records once so many requests have come; take the moment out then."""
    while moments and not over.wait(0.02):
        busy = {each.address for each in cluster.scheduler.workers.values() if each.processing}
        nannies = [each for each in cluster.workers.values() if each.worker_address in busy]
        if len(received) >= moments[0] and nannies and (process := nannies[0].process):
            os.kill(process.pid, signal.SIGKILL)
            moments.pop(0)


def answers(cassettes: Path) -> dict[str, list[tuple[bytes, bytes]]]:
    """Each request of each cassette with its answer, without the latency, which is measured."""
    return {
        path.name: [
            (each.request_body, each.response_body)
            for each in file.load(path, record_command="").interactions
        ]
        for path in cassettes.iterdir()
    }


def main() -> None:
    """Print a row for each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", type=int, nargs="?", default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)  # noqa: S311  no secret
    os.environ["OPENAI_API_KEY"] = "none"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scenarios").mkdir()
        text = (ROOT / "tests/examples/scenarios/tiny.yaml").read_text()
        (folder / "scenarios/tiny.yaml").write_text(text.replace("trials: 2", f"trials: {_TRIALS}"))
        (folder / "tiny.py").write_text((ROOT / "tests/examples/tiny.py").read_text())
        (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
        with scripted_provider(in_words) as provider:
            code = record(folder, provider.base_url)
            print(f"one machine: exit code {code}, {len(provider.received)} requests")
        cassettes = folder / "cassettes/scripted/tiny"
        whole = answers(cassettes)
        print("run  killed  after requests   exit code  requests  cassettes with the same answers")
        for number in range(1, given.runs + 1):
            shutil.rmtree(folder / "cassettes")
            moments = sorted(rng.sample(range(1, _NEEDED), _KILLS))
            drawn, over = str(moments), threading.Event()
            with (
                tempfile.TemporaryDirectory() as scratch,
                scripted_provider(slow) as provider,
                LocalCluster(
                    n_workers=_WORKERS, threads_per_worker=1, local_directory=scratch,
                    dashboard_address=None, silence_logs=50,
                ) as cluster,
            ):  # fmt: skip
                killer = threading.Thread(
                    target=kill, args=(cluster, moments, provider.received, over)
                )
                killer.start()
                address = cluster.scheduler_address.replace("tcp", "dask")
                code = record(folder, provider.base_url, "--on", address)
                over.set()
                killer.join()
                asked = len(provider.received)
            found = answers(cassettes)
            same = sum(found.get(name) == content for name, content in whole.items())
            killed = _KILLS - len(moments)
            print(f"{number:3} {killed:7}  {drawn:16} {code:10} {asked:9}  {same} of {_TRIALS}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
