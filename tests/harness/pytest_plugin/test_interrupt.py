"""Ctrl-C in a run: whole reports or none, and pytest's own exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bench import Bench
from house import EXAMPLES
from patience import PATIENCE_SECONDS

from flagbench.errors import InputError
from flagbench.measurement import results

SLOW = """
import time
from pathlib import Path
from tiny import write

async def run(requests, flags, client, **more):
    if {slow}:
        Path({told!r}).touch()
        began = time.process_time()  # a sleep would take no time
        while time.process_time() - began < 10:
            pass
    return await write(requests, flags, client, **more)

run.factors = write.factors
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(
    accepted: Bench, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Starts pytest over a subject that is slow in real time where this condition holds."""
    started: list[subprocess.Popen[str]] = []

    def run(slow: str, *arguments: str) -> subprocess.Popen[str]:
        told = tmp_path_factory.mktemp("outside") / "reached"  # a subject writes into no project
        (tmp_path / "slow_subject.py").write_text(SLOW.format(slow=slow, told=str(told)))
        accepted.house.edit("tiny.write", "slow_subject.run")
        path = os.pathsep.join([str(tmp_path), str(EXAMPLES)])
        process = subprocess.Popen(
            [sys.executable, *arguments, "scenarios"],
            cwd=accepted.house.path, env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        started.append(process)
        end = time.monotonic() + PATIENCE_SECONDS
        while not told.exists():
            assert time.monotonic() < end
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.01)
        return process

    yield run
    for one in started:
        one.kill()
        one.communicate()


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Press Ctrl-C, twice as people do, and give the exit code and what was said."""
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, said


def test_an_interrupt_in_the_middle_reports_what_was_measured(
    accepted: Bench, start: Start
) -> None:
    """Three series are done when it comes: whole files, which say that they are not everything."""
    code, said = interrupted(
        start('flags["TINY_SHORT"] == flags["TINY_PARALLEL"] == "true"', "-m", "pytest")
    )
    assert code == 2, said
    assert "Traceback" not in said
    assert accepted.verdicts() == {
        "none": "KEPT", "short": "KEPT", "parallel": "KEPT", "all": "COULD NOT RUN",
    }  # fmt: skip
    reason = accepted.summary()["scenarios"]["tiny"]["series"]["all"]["reason"]
    assert reason == "the run was interrupted before it had a result"
    assert accepted.summary()["interrupted"] is True
    rows = (accepted.latest / "cells.jsonl").read_text().splitlines()
    assert len([json.loads(row) for row in rows]) == 6
    assert "interrupted" in (accepted.latest / "report.md").read_text().splitlines()[0]
    assert sorted(one.name for one in accepted.latest.iterdir()) == [
        "cells.jsonl", "cells.parquet", "environment.json", "overhead.json", "report.html",
        "report.md", "series.jsonl", "summary.json",
    ]  # fmt: skip


def test_an_interrupt_before_anything_was_measured_leaves_no_reports(
    accepted: Bench, start: Start
) -> None:
    """Nor does it touch those of an earlier run."""
    code, said = interrupted(start("True", "-m", "pytest"))
    assert code == 2, said
    assert "Traceback" not in said
    assert not accepted.latest.exists()


def test_flagbench_run_ends_as_shells_have_it(accepted: Bench, start: Start) -> None:
    """128 and SIGINT."""
    (accepted.house.path / "main.py").write_text("from flagbench.cli.main import main\nmain()\n")
    code, _ = interrupted(start("True", "main.py", "run"))
    assert code == 130


SAID = "A later run has not ended"


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [(), ("-n1",)], ids=["one process", "a worker"])
def test_a_killed_run_leaves_a_mark_on_the_earlier_results(
    accepted: Bench, start: Start, arguments: tuple[str, ...]
) -> None:
    """Programs are refused them, people read it first; the next run removes it."""
    assert accepted().ret == 0
    before = accepted.results()
    process = start('flags["TINY_SHORT"] == "true"', "-m", "pytest", *arguments)
    process.kill()
    process.wait()
    with pytest.raises(InputError, match="the latest run has not ended: these results are of an"):
        results.load(accepted.latest)
    assert (accepted.latest / "report.md").read_text().startswith(f"**{SAID}")
    assert (accepted.latest / "report.html").read_text().count(SAID) == 1
    assert accepted.results() == before
    accepted.house.edit("slow_subject.run", "tiny.write")
    assert accepted().ret == 0
    assert len(results.load(accepted.latest)) == 8
    assert not (accepted.latest / "UNFINISHED").exists()
    for name in ("report.md", "report.html"):
        assert SAID not in (accepted.latest / name).read_text()


@pytest.mark.thorough
def test_an_interrupt_before_anything_was_measured_leaves_the_earlier_reports(
    accepted: Bench, start: Start
) -> None:
    """As they were: that run said at its end that it was interrupted."""
    assert accepted().ret == 0
    before = {path.name: path.read_bytes() for path in accepted.latest.iterdir() if path.is_file()}
    code, _ = interrupted(start("True", "-m", "pytest"))
    assert code == 2
    after = {path.name: path.read_bytes() for path in accepted.latest.iterdir() if path.is_file()}
    assert after == before
