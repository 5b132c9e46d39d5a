"""A subject that makes no call, in some cells or in all: recorded, measured, compared."""

from collections.abc import Callable

import pytest
from bench import Bench
from test_cli_main import Command, command  # noqa: F401  the fixture

from flagbench.cassette import file

SUBJECT = """
from tiny import Made, File, Switch, write

async def run(requests, flags, client, *, workdir, **more):
    if {calls}:
        return await write(requests, {{}}, client, workdir=workdir, **more)
    return Made([File("code", "0.py", "print('hello')", True, "tiny-0")], {{}})

run.factors = (Switch("ask", "ASK"),)
"""
SCENARIO = "title: t\nabout: a\nsubject: {}\nrequests: [a function that says hello]\ntrials: 2\n"


@pytest.mark.parametrize(
    ("calls", "tokens"),
    [("False", (0, 0)), ('flags["ASK"] == "true"', (0, 1)), ('flags["ASK"] == "false"', (1, 0))],
    ids=["never", "in `all` only", "in `none` only"],
)
def test_cells_without_calls_have_a_verdict(
    command: Command,  # noqa: F811
    bench: Bench,
    subject_module: Callable[[str], str],
    calls: str,
    tokens: tuple[int, int],
) -> None:
    """Nothing is paid, and a share of nothing is unknown: neither 0 % nor endless."""
    house = bench.house
    house.write(SCENARIO.format(subject_module(SUBJECT.format(calls=calls))))
    for path in house.cassettes.rglob("*.yaml"):
        path.unlink()
    code, said = command("record", "scenarios/tiny.yaml")
    assert code == 0, said
    assert [bool(file.load(house.cassette(trial), record_command="").interactions)
            for trial in (1, 2)] == [any(tokens)] * 2  # fmt: skip
    code, said = command("record", "scenarios/tiny.yaml")
    first, *others = said.splitlines()
    assert (code, first) == (
        0, "scenarios/tiny.yaml: 0 requests, about 0 tokens, 0.0 minutes to record"
    )  # fmt: skip
    assert ["no trial of any series sent a request" in line for line in others] == (
        [] if any(tokens) else [True]
    )
    bench("--flagbench-accept-baselines").assert_outcomes(passed=2)
    bench().assert_outcomes(passed=3)
    series = bench.summary()["scenarios"]["tiny"]["series"]
    for name, has_calls in zip(("none", "all"), tokens, strict=True):
        metrics = series[name]["metrics"]
        assert series[name]["verdict"] == "KEPT"
        assert [bool(metrics[amount]) for amount in ("calls", "tokens", "seconds", "usd")] == (
            [bool(has_calls)] * 4
        )
        assert metrics["approval_rate"] == 1
    has_reduction = "token_reduction" in series["all"]["metrics"]
    assert has_reduction is bool(tokens[0])
    code, said = command("compare", "none", "all")
    assert code == 0, said
    amounts = said.rpartition("per request ")[2].splitlines()[1:5]
    # Neither a ratio to nothing nor one of nothing has an interval.
    assert all("n/a" in line.split() for line in amounts)
    code, said = command("attribute", "tiny")
    assert code == 0, said
    total = next(line for line in said.splitlines() if line.startswith("sum"))
    assert total.endswith("100.0%" if any(tokens) else "n/a")
    code, said = command("what-if", "scenarios/tiny.yaml", "--set", "provider.speed=2")
    assert code == 0, said


@pytest.mark.thorough
def test_a_baseline_of_no_call_is_broken_by_one(
    command: Command,  # noqa: F811
    bench: Bench,
    subject_module: Callable[[str], str],
) -> None:
    """From 0 tokens to some is a change, and explained."""
    house = bench.house
    house.write(SCENARIO.format(subject_module(SUBJECT.format(calls="False"))))
    for path in house.cassettes.rglob("*.yaml"):
        path.unlink()
    command("record", "scenarios/tiny.yaml")
    bench("--flagbench-accept-baselines").assert_outcomes(passed=2)
    house.write(SCENARIO.format(subject_module(SUBJECT.format(calls="True"))))
    bench().assert_outcomes(errors=2, passed=1)
    assert command("record", "scenarios/tiny.yaml")[0] == 0
    result = bench()
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["*calls is 1, baseline: 0*", "*because: *"])
