"""Every series that was collected is in the reports, once; without a result, with the reason."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from bench import Bench
from house import EXAMPLES

ODD = """
import os
from pathlib import Path
from tiny import write

async def run(requests, flags, client, **more):
    is_first = not Path({seen!r}).exists()
    if flags["TINY_SHORT"] == "true" and flags["TINY_PARALLEL"] == "false":
        Path({seen!r}).touch()
        {odd}
    return await write(requests, flags, client, **more)

run.factors = write.factors
"""

# The process ends by a fault, and from outside: both are no end that a cell could stop.
CRASH = "import ctypes; ctypes.string_at(0)"
KILLED = "import subprocess; subprocess.run(['kill', '-9', str(os.getpid())])"

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(accepted: Bench, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs pytest apart over a subject that does something odd in the series `short`."""

    def run(odd: str, *arguments: str) -> tuple[int, str]:
        seen = tmp_path_factory.mktemp("outside") / "seen"  # a subject writes into no project
        (tmp_path / "odd_subject.py").write_text(ODD.format(odd=odd, seen=str(seen)))
        accepted.house.edit("tiny.write", "odd_subject.run")
        path = os.pathsep.join([str(tmp_path), str(EXAMPLES)])
        done = accepted.apart("scenarios", *arguments, PYTHONPATH=path)
        return done.returncode, done.stdout

    return run


def reasons(bench: Bench) -> dict[str, str]:
    """Series -> why it could not run, "" for one that could."""
    series = bench.summary()["scenarios"]["tiny"]["series"]
    return {name: one["reason"] for name, one in series.items()}


def heading(bench: Bench) -> str:
    """The first line of the report for people."""
    return (bench.latest / "report.md").read_text().splitlines()[0]


def test_a_series_whose_worker_crashed_could_not_run(accepted: Bench, run: Run) -> None:
    """Its process is gone without a word; the others are measured by the next one."""
    code, said = run(CRASH, "-n", "2", "--dist", "load")
    assert code == 1
    assert accepted.verdicts() == {
        "none": "KEPT", "short": "COULD NOT RUN", "parallel": "KEPT", "all": "KEPT",
    }  # fmt: skip
    assert "crashed while running 'scenarios/tiny.yaml::short'" in reasons(accepted)["short"]
    counts = "3 KEPT, 1 COULD NOT RUN (crashed processes: 1)"
    assert heading(accepted) == f"# flagbench: {counts}"
    assert counts in said
    assert counts in (accepted.latest / "report.html").read_text()
    assert accepted.summary()["crashes"] == 1
    assert not (accepted.house.path / "reports" / "history").exists()


@pytest.mark.thorough
def test_a_worker_that_is_killed_and_its_series_run_again(accepted: Bench, run: Run) -> None:
    """As the kernel kills a process without memory: the result counts, and both are reported."""
    odd = f"if is_first: {KILLED}"
    code, said = run(odd, "-n", "2", "--dist", "load", "--reruns", "1")
    assert code in (0, 1), said
    assert "(crashed processes: 1" in heading(accepted)
    assert "(crashed processes: 1" in said
    is_whole = set(accepted.verdicts().values()) == {"KEPT"}
    history = accepted.house.path / "reports" / "history" / "tiny.jsonl"
    assert history.exists() == is_whole
    if is_whole:
        assert json.loads(history.read_text())["crashes"] == 1


@pytest.mark.thorough
def test_a_run_of_nothing_but_crashes_has_its_reports(accepted: Bench, run: Run) -> None:
    """No series of the scenario has a result that says anything of it."""
    code, _ = run(CRASH, "-n", "1", "-k", "short")
    assert code == 1
    assert accepted.verdicts() == {"short": "COULD NOT RUN"}
    scenario = accepted.summary()["scenarios"]["tiny"]
    assert (scenario["title"], scenario["trials"]) == ("Three small functions", 2)


@pytest.mark.thorough
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_series_that_was_run_again_counts_once(accepted: Bench, run: Run, workers: str) -> None:
    """With its last attempt, and the report says that it is not the first."""
    code, said = run(
        'if is_first: raise RuntimeError("the first time only")', "--reruns", "1", "-n", workers
    )
    assert code == 0
    assert "1 rerun" in said
    assert set(accepted.verdicts().values()) == {"KEPT"}
    assert heading(accepted) == "# flagbench: 4 KEPT (series run again: 1)"
    (stored,) = (
        (accepted.house.path / "reports" / "history" / "tiny.jsonl").read_text().splitlines()
    )
    assert json.loads(stored)["reruns"] == 1
    line = "short was run 2 times, and the last attempt counts"
    assert line in said
    assert line in (accepted.latest / "report.md").read_text()
    assert line in (accepted.latest / "report.html").read_text()
    series = accepted.summary()["scenarios"]["tiny"]["series"]
    assert {name: one["attempts"] for name, one in series.items()} == {
        "none": 1, "short": 2, "parallel": 1, "all": 1,
    }  # fmt: skip
    rows = (accepted.latest / "cells.jsonl").read_text().splitlines()
    assert len([json.loads(row) for row in rows]) == 8


@pytest.mark.thorough
def test_a_series_that_fails_again_is_reported_once(accepted: Bench, run: Run) -> None:
    """As what its last attempt was."""
    code, _ = run('raise RuntimeError("always")', "--reruns", "2", "-p", "no:xdist")
    assert code == 1
    assert heading(accepted) == "# flagbench: 3 KEPT, 1 COULD NOT RUN (series run again: 1)"
    assert accepted.summary()["scenarios"]["tiny"]["series"]["short"]["attempts"] == 3


def test_a_series_that_was_not_reached_could_not_run(accepted: Bench) -> None:
    """`-x` ends the run; what came before and after is told apart."""
    accepted.house.edit('  all:\n    token_reduction: ">= 20 %"', '  short:\n    tokens: "< 1"')
    accepted("-x").assert_outcomes(passed=1, failed=1)
    assert accepted.verdicts() == {
        "none": "KEPT", "short": "BROKEN", "parallel": "COULD NOT RUN", "all": "COULD NOT RUN",
    }  # fmt: skip
    assert reasons(accepted)["all"] == "the run ended before it: stopping after 1 failures"


def test_a_series_that_was_skipped_could_not_run(accepted: Bench) -> None:
    """By a conftest; the reason is that of the skip."""
    (accepted.house.path / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[1].add_marker(pytest.mark.skip(reason='not on Mondays'))\n"
    )
    accepted().assert_outcomes(passed=4, skipped=1)
    assert reasons(accepted)["short"] == "Skipped: not on Mondays"


def test_a_check_that_could_not_run_is_reported(accepted: Bench) -> None:
    """A baseline that cannot be read keeps no series from its name."""
    accepted.house.baseline.write_text("{")
    accepted("-k", "baseline or short").assert_outcomes(errors=2, deselected=3)
    assert accepted.verdicts() == {"short": "COULD NOT RUN", "baseline": "COULD NOT RUN"}
    assert reasons(accepted)["baseline"].startswith("baselines/tiny.json: cannot be read")


@pytest.mark.thorough
def test_a_rate_that_is_none_takes_no_other_report_away(accepted: Bench, run: Run) -> None:
    """One clear error for its series; the others are reported, and one baseline is not written."""
    code, said = run(
        "made = await write(requests, flags, client, **more)\n"
        "        made.rates['odd_rate'] = (1, 10**400)\n"
        "        return made",
        "-p", "no:xdist", "--flagbench-accept-baselines",
    )  # fmt: skip
    assert code == 1
    assert "Traceback" not in said
    assert accepted.verdicts()["short"] == "COULD NOT RUN"
    assert reasons(accepted)["short"].startswith("the subject's odd_rate is (1, 100")
    assert "not accepted, short could not run" in said


HALF = "\ud83d"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "odd",
    [
        "raise RuntimeError('half: \\ud83d, \\x1b[31m')",
        "from tiny import File, Made; return Made([File('k\\ud83d', 'p\\ud83d.py', 't\\ud83d', "
        "True, 'r\\ud83d')], {})",
        "from tiny import Happened; more['listener'](Happened('odd\\ud83d_warning', 'r\\ud83d', "
        "{'message': 'm\\ud83d', 'delay_seconds': 1.0, 'agent': 'a\\ud83d', 'reason': '\\ud83d'}))",
    ],
    ids=["exception", "artifact", "event"],
)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_half_an_emoji_takes_no_report_away(
    accepted: Bench, run: Run, odd: str, workers: str
) -> None:
    """Wherever a subject puts it: every file is written, with its escape."""
    code, said = run(odd, "-n", workers, "--flagbench-accept-baselines")
    assert code in (0, 1), said
    assert "Traceback" not in said
    assert "INTERNAL" not in said
    assert set(accepted.verdicts()) == {"none", "short", "parallel", "all"}
    assert sorted(one.name for one in accepted.latest.iterdir() if one.is_file()) == [
        "cells.jsonl", "cells.parquet", "environment.json", "overhead.json", "report.html",
        "report.md", "series.jsonl", "summary.json",
    ]  # fmt: skip
    for path in accepted.latest.rglob("*.*"):
        if path.suffix != ".parquet" and path.is_file():
            assert HALF not in path.read_text()
