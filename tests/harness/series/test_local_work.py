"""Local work: CPU time that the virtual clock leaves out is measured, and gated by a ratio."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from bench import Bench
from house import House

from flagbench.scenario.designs import Combination, parse
from flagbench.scenario.loading import Scenario
from flagbench.scenario.targets import Target
from flagbench.series import local_work
from flagbench.series.local_work import LocalWork
from flagbench.verdict.verdict import Outcome

BURNING = """
import subprocess, sys, time
import tiny

BURN = (
    "import time\\nuntil = time.process_time() + {seconds}\\n"
    "while time.process_time() < until: pass"
)

async def run(requests, flags, client, **more):
    if flags["TINY_SHORT"] == "true":
        {how}
    return await tiny.write(requests, flags, client, **more)

run.factors = tiny.write.factors
"""
HOWS = {"itself": "exec(BURN)", "a program": "subprocess.run([sys.executable, '-c', BURN])"}


def house_of(house: House, subject_module: Callable[[str], str], how: str, seconds: float) -> House:
    """A house whose subject burns CPU under `short`."""
    dotted = subject_module(BURNING.replace("{how}", how).replace("{seconds}", str(seconds)))
    house.edit("tiny.write", dotted)
    return house


@pytest.mark.thorough
@pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
def test_work_in_place_of_seconds_breaks_a_series(
    house: House, subject_module: Callable[[str], str], how: str
) -> None:
    """Although tokens and virtual seconds are as accepted."""
    house.accept()
    scenario = house_of(house, subject_module, how, 2.0).scenario
    series = house.runner().series(scenario, parse("short", scenario.factors))
    assert series.verdict.outcome == Outcome.BROKEN, series.local_work
    (broken,) = series.verdict.broken
    assert broken.metric == "local_cpu_ratio"
    assert "which leaves it out" in series.local_work


@pytest.mark.thorough
def test_a_scenario_sets_its_own_bound(house: House, subject_module: Callable[[str], str]) -> None:
    """As any target."""
    house.accept()
    house_of(house, subject_module, HOWS["itself"], 0.2)
    house.edit("targets:\n", 'targets:\n  short: {local_cpu_ratio: "<= 100000"}\n')
    scenario = house.scenario
    series = house.runner().series(scenario, parse("short", scenario.factors))
    assert series.verdict.outcome == Outcome.KEPT
    assert "local_cpu_ratio" in {check.metric for check in series.verdict.checks}


def test_unchanged_work_is_kept_on_a_busy_machine(house: House) -> None:
    """CPU time, not wall time; what is small counts for nothing."""
    house.accept()
    scenario = house.scenario
    outcomes = {
        house.runner().series(scenario, combination).verdict.outcome
        for _ in range(3)
        for combination in scenario.combinations
        if combination.id != "all"
    }
    assert outcomes == {Outcome.KEPT}


WORK = LocalWork(
    seconds=1.0, control_seconds=0.5, virtual_seconds=100.0, calls=10, noise_seconds=0.001
)


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, False),
        ({"control_seconds": 0.7}, True),
        ({"noise_seconds": 0.25}, True),
        ({"noise_seconds": None}, True),
        ({"seconds": 0.09, "control_seconds": 0.001}, True),
        ({"seconds": 0.12, "control_seconds": 0.001}, False),
        ({"seconds": 0.06, "control_seconds": 0.001, "virtual_seconds": 1.0}, False),
        ({"seconds": 1.0, "control_seconds": 0.0}, False),
    ],
    ids=[
        "doubled", "within the ratio", "within the noise", "not repeated", "small a call",
        "more than 10 ms a call", "more than 5 % of the seconds", "a control without any",
    ],
)  # fmt: skip
def test_the_gate(changes: dict[str, float | None], held: bool) -> None:
    """Broken only above the ratio, beyond the noise, and by more than small work."""
    work = dataclasses.replace(WORK, **changes)
    assert work.check(Target("local_cpu_ratio", "<=", 1.5, "<= 1.5")).held is held


def test_only_work_that_stands_out_is_repeated() -> None:
    """A first cell that imports is slower than its repetitions."""
    row = SimpleNamespace(seconds=100.0, calls=8, service_calls=2, time="exact")
    slow, fast = (
        [SimpleNamespace(local_cpu_seconds=seconds, measurement=row)] for seconds in (0.5, 0.01)
    )
    repeated = list[float]()

    def again(small_seconds: float) -> list[tuple[float, float]]:
        repeated.append(small_seconds)
        return [(0.01, 0.01)]

    assert str(local_work.local_work(fast, fast, again)) == ""
    assert repeated == []
    work = local_work.local_work(slow, fast, again)
    assert repeated == [work.small_seconds]
    assert (work.seconds, work.noise_seconds, str(work)) == (0.01, None, "")


def test_what_a_stalled_machine_adds_is_noise() -> None:
    """Most repetitions may have been held up: the one that was not counts, and how far the
    median is above it is the noise."""
    row = SimpleNamespace(seconds=100.0, calls=5, service_calls=0, time="exact")
    slow, fast = (
        [SimpleNamespace(local_cpu_seconds=seconds, measurement=row)] for seconds in (0.5, 0.1)
    )
    pairs = [(0.47, 0.16), (0.50, 0.12), (0.21, 0.11), (0.47, 0.16), (0.45, 0.16)]
    work = local_work.local_work(slow, fast, lambda _: pairs)
    assert (work.seconds, work.control_seconds) == (0.21, 0.11)
    assert work.noise_seconds == pytest.approx(0.26 + 0.05)
    assert work.check(local_work.DEFAULT).held


@pytest.mark.parametrize(("slow", "runs"), [(0.5, 5), (0.0, 1)])
def test_runs_end_when_the_extra_is_small(
    house: House, monkeypatch: pytest.MonkeyPatch, slow: float, runs: int
) -> None:
    """A series that only seemed to stand out is run once more, not five times."""
    scenario, runner = house.scenario, house.runner()
    short = parse("short", scenario.factors)
    seen = list[str]()

    def run(_: Scenario, combination: Combination, __: int) -> SimpleNamespace:
        seen.append(combination.id)
        return SimpleNamespace(local_cpu_seconds=slow if combination == short else 0.0)

    monkeypatch.setattr(runner.cell_runner, "run", run)
    pairs = runner._again(scenario, short, 0.1)
    assert pairs == [(slow, 0.0)] * runs
    assert seen == ["short", scenario.control.id] * runs


def test_no_file_that_is_the_same_in_every_run_has_it(bench: Bench) -> None:
    """It is in overhead.json alone."""
    bench()
    latest: Path = bench.latest
    assert "local_cpu" not in (latest / "cells.jsonl").read_text()
    assert "local_cpu" not in (latest / "summary.json").read_text()
    measured = json.loads((latest / "overhead.json").read_text())["local_cpu_seconds"]["tiny"]
    assert measured["none"] > 0
