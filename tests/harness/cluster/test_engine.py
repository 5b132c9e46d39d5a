"""A run on a real cluster of processes: lost parts cost nothing, and what differs is refused."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench import Bench
from click.testing import CliRunner
from distributed import LocalCluster
from house import EXAMPLES

from flagbench.cli.main import cli
from flagbench.cluster import engine, environment
from flagbench.errors import FlagbenchError

FILES = ("cells.jsonl", "summary.json", "report.md", "report.html", "cells.parquet")
# A chunk says that it has begun, and waits where a test wants to do something meanwhile.
_CONFTEST = """
import os, time
from pathlib import Path

def pytest_runtest_setup(item):
    marks = Path(os.environ["TEST_MARKS"])
    (marks / str(os.getppid())).touch()
    while (marks / "hold").exists():
        time.sleep(0.05)
"""
_FACTORS = "factors: {short: {env: TINY_SHORT}, parallel: {env: TINY_PARALLEL}}"
_INI = (
    "[pytest]\npythonpath = . subjects\naddopts = -p no:hypothesispytest -p no:langsmith_plugin\n"
)


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and words of `flagbench run`, in the current folder."""
    result = CliRunner().invoke(cli, ["run", *arguments])
    if isinstance(result.exception, FlagbenchError):
        return result.exception.exit_code, f"{result.output}{result.exception}"
    return result.exit_code, result.output


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[LocalCluster]:
    """Workers that are processes of their own."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, local_directory=folder, dashboard_address=None,
        silence_logs=50,
    ) as made:  # fmt: skip
        yield made


def address(made: LocalCluster) -> str:
    """The option's value."""
    return made.scheduler_address.replace("tcp", "dask")


def kill_when_it_works(marks: Path) -> None:
    """Kill -9 the first worker that has begun a chunk, and let the others go on."""
    (marks / "hold").touch()

    def wait() -> None:
        while not (begun := [int(mark.name) for mark in marks.glob("[0-9]*")]):
            time.sleep(0.02)
        os.kill(begun[0], signal.SIGKILL)
        (marks / "killed").write_text(str(begun[0]))
        (marks / "hold").unlink()

    threading.Thread(target=wait, daemon=True).start()


def test_lost_workers_and_a_lost_scheduler_change_no_byte(
    accepted: Bench, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was measured before the scheduler went is kept, and a killed worker's part run again."""
    house, marks = accepted.house.path, tmp_path_factory.mktemp("marks")
    monkeypatch.setenv("TEST_MARKS", str(marks))
    (house / "conftest.py").write_text(_CONFTEST)
    (house / "pytest.ini").write_text(_INI)
    # A module that this process has not, where only pytest's `pythonpath` leads.
    (house / "subjects").mkdir()
    (house / "subjects" / "tiny_on_workers.py").write_text((EXAMPLES / "tiny.py").read_text())
    accepted.house.edit("tiny.write", f"tiny_on_workers.write\n{_FACTORS}")
    accepted.house.commit()
    assert run()[0] == 0
    whole = {name: (accepted.latest / name).read_bytes() for name in FILES}
    (accepted.latest / "cells.jsonl").unlink()
    del sys.modules["tiny_on_workers"]  # as in the process of a command, which runs no cell
    with cluster(tmp_path_factory.mktemp("one"), 1) as first:
        monkeypatch.setattr(engine.Engine, "chunks", lambda *_: 2)
        write = engine.Engine._result

        def and_end(*arguments: object) -> object:
            done = write(*arguments)
            first.close()
            return done

        monkeypatch.setattr(engine.Engine, "_result", and_end)
        code, said = run("--on", address(first))
        assert (code, "1 of 2 chunks are kept" in said, "went away" in said) == (3, True, True), (
            said
        )
        monkeypatch.setattr(engine.Engine, "_result", write)
    for mark in marks.iterdir():
        mark.unlink()
    with cluster(tmp_path_factory.mktemp("two"), 1) as second:
        kill_when_it_works(marks)
        code, said = run("--on", address(second))
    assert (code, "1 of 2 chunks are known" in said, "2/2: chunk" in said) == (0, True, True), said
    assert (marks / "killed").exists()
    assert {name: (accepted.latest / name).read_bytes() for name in FILES} == whole


def installed(folder: Path, **versions: str) -> None:
    """Packages that are there by their metadata."""
    for name, version in versions.items():
        place = folder / f"{name}-{version}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")


@pytest.mark.thorough
def test_workers_that_differ_are_named(
    accepted: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with the package and both versions; also one that came after the check at the start."""
    with cluster(tmp_path / "w", 1) as made:
        (worker,) = made.scheduler_info["workers"]
        here = environment.installed()["openai"]
        installed(tmp_path / "here", openai="0.1", other="2")
        monkeypatch.syspath_prepend(tmp_path / "here")
        environment.installed.cache_clear()
        first = run("--on", address(made))
        monkeypatch.setattr(engine.Engine, "_check", lambda _: None)
        late = run("--on", address(made))
    environment.installed.cache_clear()
    for code, said in (first, late):
        assert code == 2, said
        assert f"worker {worker}: openai is {here} on the worker, 0.1 here" in said
        assert f"worker {worker}: other is not installed on the worker, 2 here" in said
    assert not accepted.latest.exists()


def test_a_scheduler_without_workers(accepted: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for without end."""
    monkeypatch.setattr(engine, "_PATIENCE_SECONDS", 0.2)
    with cluster(accepted.house.path, 0) as made:
        code, said = run("--on", address(made))
    assert (code, "the scheduler has no workers" in said) == (3, True), said


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--on", "dask://127.0.0.1:9"], 3, "tcp://127.0.0.1:9: no scheduler answers"),
        (["--on", "spark://127.0.0.1:9"], 2, "'spark://127.0.0.1:9'"),
        (["--on", "dask://127.0.0.1"], 2, "expected: dask://HOST:PORT"),
        (["--on", "dask://127.0.0.1:99999"], 2, "expected: dask://HOST:PORT"),
        (["--on", "dask", "--accept-baselines"], 2, "--accept-baselines with --on"),
        (["--on", "dask", "--shard", "1/2"], 2, "--shard with --on"),
        (["--on", "dask", "-x", "-n", "2"], 2, "-n with --on"),
        (["--on", "dask", "--junitxml=a.xml"], 2, "--junitxml with --on"),
        (["--on", "dask", "--cassettes", "/"], 2, "--cassettes: / is not in"),
        (["--on", "dask", "--combination", "nowhere"], 2, "nowhere"),
        (["--on", "dask", "scenarios/none.yaml"], 2, "none.yaml"),
        (["--on", "dask", "-k", "nothing"], 2, "5 deselected"),
    ],
)
def test_what_cannot_be_run_is_one_clear_error(
    accepted: Bench, arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a worker gets anything."""
    monkeypatch.setattr(engine, "_PATIENCE_SECONDS", 0.5)
    found, said = run(*arguments)
    assert (found, words in said) == (code, True), said
