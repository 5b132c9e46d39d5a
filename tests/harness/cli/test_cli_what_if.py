"""`flagbench what-if`: the recordings under a counterfactual."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from house import House

from flagbench.cli import main
from flagbench.run.rate_limit import REFUSAL_SECONDS


@pytest.fixture(autouse=True)
def inside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the house's folder."""
    monkeypatch.chdir(house.path)


def run(*arguments: str) -> Result:
    """The command on the tiny scenario."""
    return CliRunner().invoke(main.cli, ["what-if", "scenarios/tiny.yaml", *arguments])


def rows(*arguments: str) -> dict[tuple[str, str], dict[str, Any]]:
    """World and combination -> row."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return {(row["conditions"], row["combination"]): row for row in json.loads(result.stdout)}


def test_a_provider_twice_as_fast_takes_half_the_time() -> None:
    """Every call is half as long, and nothing else takes time here; tokens stay."""
    for row in rows("--set", "provider.speed=2").values():
        assert row["seconds"] == pytest.approx(row["recorded_seconds"] / 2, rel=1e-5)
        assert row["tokens"] > 0


@pytest.mark.parametrize(
    ("design", "told"),
    [
        ("", ["none", "all"]),
        ("none, short", ["none", "short"]),
        ("none, short, all", ["none", "all"]),
    ],
    ids=["all four", "no landmark but the control", "two landmarks"],
)
def test_what_is_told_unless_somebody_says(house: House, design: str, told: list[str]) -> None:
    """The landmarks that the scenario has; where that is one at most, everything that it has."""
    if design:
        house.edit("trials: 2\n", f"trials: 2\ndesign: named\ncombinations: [{design}]\n")
        text = house.scenario_file.read_text()
        house.scenario_file.write_text(text[: text.index("targets:")])
    found = rows("--set", "provider.speed=2")
    assert [name for _, name in found] == told


def test_one_call_at_a_time_makes_parallel_plain() -> None:
    """The parallel combination then takes as long as the control."""
    found = rows("--sweep", "client.parallelism=1,3", "--combination", "none",
                 "--combination", "parallel")  # fmt: skip
    plain = found["client.parallelism=1", "none"]["seconds"]
    assert found["client.parallelism=1", "parallel"]["seconds"] == pytest.approx(plain)
    assert found["client.parallelism=3", "parallel"]["seconds"] < plain / 2


def test_a_rate_limit_refuses_and_shows_who_gives_up() -> None:
    """Three calls, two a minute: the third is refused, and its four tries take six seconds."""
    counterfactual = "rate_limit.rpm=2"
    row = rows("--set", counterfactual, "--combination", "none")[counterfactual, "none"]
    assert row["refused"] == 4.0
    assert row["reason"] == ""
    assert row["seconds"] > 8 + 4 * REFUSAL_SECONDS


def test_other_prices_change_the_dollars_alone(house: House) -> None:
    """A table in the form of the product's own."""
    house.path.joinpath("dear.yaml").write_text(
        "- {model: gpt-4o-mini, since: 2026-01-01, input: 1000, output: 1000, source: x}\n"
    )
    row = rows("--set", "prices=dear.yaml", "--combination", "none")["prices=dear.yaml", "none"]
    assert row["usd"] == pytest.approx(row["tokens"] / 1000)
    assert row["seconds"] == row["recorded_seconds"]


def test_the_table_says_that_it_is_no_measurement() -> None:
    """And draws a bar for each value of a sweep."""
    shown = run("--sweep", "provider.speed=1,2", "--combination", "none")
    assert shown.exit_code == 0
    assert "a counterfactual, not a measurement" in shown.output
    lengths = [line.count("█") for line in shown.output.splitlines() if "█" in line]
    assert lengths == [30, 15]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [((), "no setting is changed"), (("--sweep", "provider.speed"), "--sweep NAME=A,B,C"),
     (("--sweep", "provider.speed=1,0"), "greater than 0"),
     (("--set", "x=1"), "NAME one of"),
     (("--set", "provider.speed=2", "--combination", "tempaltes"), "tempaltes")],
)  # fmt: skip
def test_wrong_input_is_told(arguments: tuple[str, ...], word: str) -> None:
    """Before anything is replayed."""
    result = run(*arguments)
    assert word in str(result.exception)


def test_what_conditions_lead_to_and_nobody_recorded_is_told(
    house: House, subject_module: Callable[[str], str]
) -> None:
    """A subject that waits ten seconds asks a slow provider again; no recording would help."""
    dotted = subject_module("""
from tiny import write
async def run(requests, flags, client, **more):
    return await write(requests, flags, client.with_options(timeout=10), **more)
run.factors = write.factors
""")
    house.edit("tiny.write", dotted)
    assert rows("--set", "provider.speed=0.5")
    result = run("--set", "provider.speed=0.1", "--combination", "none")
    assert result.exit_code == 3
    assert "none cannot be computed under these conditions" in result.output
    assert "the subject sent the same request 2 times" in result.output
    assert "expected: conditions closer to the recorded ones" in result.output
    assert "fix:" not in result.output
    row = json.loads(run("--set", "provider.speed=0.1", "--json").stdout)[0]
    assert row["recorded_seconds"] > 0
    assert {row[name] for name in ("seconds", "tokens", "usd", "refused")} == {None}


def test_a_subject_that_conditions_are_too_much_for_is_told(
    house: House, subject_module: Callable[[str], str]
) -> None:
    """That is about the subject, and not about what was recorded."""
    dotted = subject_module("""
import asyncio
from tiny import write
async def run(requests, flags, client, **more):
    async with asyncio.timeout(20):
        return await write(requests, flags, client, **more)
run.factors = write.factors
""")
    house.edit("tiny.write", dotted)
    result = run("--set", "provider.speed=0.1", "--combination", "none")
    assert result.exit_code == 3
    assert "the subject raised TimeoutError" in result.output
    assert "nearer" not in result.output
