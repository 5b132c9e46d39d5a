"""Workers that come, go and differ while a run goes on, and a run that a person ends."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench import Bench
from click.testing import CliRunner
from distributed import LocalCluster
from patience import PATIENCE_SECONDS

from flagbench.cli.main import cli
from flagbench.cluster import engine
from flagbench.errors import ExitCode, FlagbenchError

FILES = ("cells.jsonl", "summary.json", "report.md", "report.html", "cells.parquet")

_FLAGBENCH = "from flagbench.cli.main import main; main()"
_WORKER = "from distributed.cli.dask_worker import main; main()"
# As on a machine where nobody has installed it.
_WITHOUT_FLAGBENCH = "import sys; sys.modules['flagbench'] = None; "
# An item says in which process of a worker it has begun, and waits where a test wants it to.
_CONFTEST = """
import os, time
from pathlib import Path

def pytest_runtest_setup(item):
    marks = Path(os.environ["TEST_MARKS"])
    (marks / f"begun-{os.getppid()}").touch()
    while (marks / "hold").exists() or (marks / f"hold-{item.name}").exists():
        time.sleep(0.05)
"""
_INI = "[pytest]\naddopts = -p no:hypothesispytest -p no:langsmith_plugin\n"


@pytest.fixture
def marks(
    accepted: Bench, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder in which the items of the house's runs say that they have begun."""
    folder = tmp_path_factory.mktemp("marks")
    monkeypatch.setenv("TEST_MARKS", str(folder))
    (accepted.house.path / "conftest.py").write_text(_CONFTEST)
    (accepted.house.path / "pytest.ini").write_text(_INI)
    return folder


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the workers, apart from the project."""
    return tmp_path_factory.mktemp("place")


@contextmanager
def cluster(folder: Path, workers: int, threads: int = 1) -> Iterator[LocalCluster]:
    """Workers that are processes of their own."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=threads, local_directory=folder,
        dashboard_address=":0", silence_logs=50,
    ) as made:  # fmt: skip
        yield made


def address(made: LocalCluster) -> str:
    """The option's value."""
    return made.scheduler_address.replace("tcp", "dask")


@contextmanager
def worker(made: LocalCluster, folder: Path, program: str = _WORKER, **env: str) -> Iterator[None]:
    """A worker that another command has started."""
    with subprocess.Popen(
        [sys.executable, "-c", program, made.scheduler_address, "--no-nanny", "--nthreads", "1",
         "--no-dashboard", "--local-directory", str(folder)],
        env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        yield
        process.kill()


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and words of `flagbench run`, in the current folder."""
    result = CliRunner().invoke(cli, ["run", *arguments])
    if isinstance(result.exception, FlagbenchError):
        return result.exception.exit_code, f"{result.output}{result.exception}"
    return result.exit_code, result.output


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def workers(made: LocalCluster) -> int:
    """The number of workers that the scheduler knows."""
    return len(made.scheduler_info["workers"])


def begun(marks: Path) -> int:
    """The number of workers that have begun a chunk."""
    return len(list(marks.glob("begun-*")))


def test_a_worker_without_flagbench_is_refused_and_named(accepted: Bench, place: Path) -> None:
    """Before a chunk is sent; the others are not to blame."""
    program = _WITHOUT_FLAGBENCH + _WORKER
    with cluster(place / "w", 1) as made, worker(made, place / "x", program):
        (good,) = made.scheduler_info["workers"]
        wait_until(lambda: workers(made) == 2)
        (other,) = set(made.scheduler_info["workers"]) - {good}
        code, said = run("--on", address(made))
    assert code == ExitCode.WRONG_INPUT, said
    assert f"worker {other}: flagbench cannot be imported" in said
    assert "fix: pip install 'flagbench[cluster]'" in said
    assert good not in said
    assert not accepted.latest.exists()


@pytest.mark.thorough
def test_a_worker_that_comes_late_works_too(
    accepted: Bench, marks: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chunk that waited behind another is its own."""
    assert run("--fresh")[0] == 0
    whole = {name: (accepted.latest / name).read_bytes() for name in FILES}
    for mark in marks.iterdir():
        mark.unlink()
    monkeypatch.setattr(engine.Engine, "chunks", lambda *_: 3)
    (marks / "hold").touch()
    with cluster(place / "w", 1) as made:

        def come() -> None:
            wait_until(lambda: begun(marks) == 1)
            made.scale(2)
            wait_until(lambda: begun(marks) == 2)
            (marks / "hold").unlink()

        coming = threading.Thread(target=come)
        coming.start()
        code, said = run("--on", address(made))
        coming.join()
    assert code == 0, said
    assert (
        len({line.rpartition(" on ")[2] for line in said.splitlines() if ": chunk " in line}) == 2
    )
    assert {name: (accepted.latest / name).read_bytes() for name in FILES} == whole


@pytest.mark.thorough
def test_a_worker_of_another_installation_that_comes_late_is_refused(
    accepted: Bench, marks: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named with both versions; what it would have measured is not."""
    metadata = place / "other" / "openai-0.1.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Name: openai\nVersion: 0.1\n")
    monkeypatch.setattr(engine.Engine, "chunks", lambda *_: 3)
    (marks / "hold").touch()
    with cluster(place / "w", 1) as made:
        (good,) = made.scheduler_info["workers"]
        ended = threading.Event()

        def come() -> None:
            wait_until(lambda: begun(marks) == 1)
            with worker(made, place / "x", PYTHONPATH=str(place / "other")):
                ended.wait(PATIENCE_SECONDS)

        coming = threading.Thread(target=come)
        coming.start()
        try:
            code, said = run("--on", address(made))
        finally:
            (marks / "hold").unlink()
            ended.set()
            coming.join()
    assert code == ExitCode.WRONG_INPUT, said
    assert "openai is 0.1 on the worker" in said
    assert f"worker {good}" not in said
    assert begun(marks) == 1
    assert not accepted.latest.exists()


@pytest.mark.thorough
def test_after_ctrl_c_the_same_command_goes_on(accepted: Bench, marks: Path, place: Path) -> None:
    """In the middle of a chunk; the one that had ended is not run again."""
    assert run("--fresh")[0] == 0
    whole = {name: (accepted.latest / name).read_bytes() for name in FILES}
    (accepted.latest / "cells.jsonl").unlink()
    (marks / "hold-all").touch()
    with cluster(place / "w", 1, threads=2) as made:
        command = [sys.executable, "-c", _FLAGBENCH, "run", "--on", address(made)]
        with subprocess.Popen(
            command, cwd=accepted.house.path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True,
        ) as first:  # fmt: skip
            assert first.stderr is not None
            said = next(line for line in first.stderr if "1/2: chunk" in line)
            first.send_signal(signal.SIGINT)
            said += first.stderr.read()
        assert first.returncode == 128 + signal.SIGINT, said
        assert "1 of 2 chunks are kept; the same command goes on with the others" in said
        assert "Traceback" not in said
        assert not (accepted.latest / "cells.jsonl").exists()
        (marks / "hold-all").unlink()
        code, said = run("--on", address(made))
    assert code == 0, said
    assert "1 of 2 chunks are known from a run that did not end" in said
    assert said.count(": chunk ") == 1
    assert {name: (accepted.latest / name).read_bytes() for name in FILES} == whole
