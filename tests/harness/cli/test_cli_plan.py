"""`flagbench plan`: trials, dollars, and what today's trials can see."""

import json
import math
import re

import pytest
from bench import Bench
from click.testing import CliRunner

from flagbench.analysis.comparison import pairing
from flagbench.analysis.statistics import planning
from flagbench.cli.main import cli
from flagbench.cli.plan import plan
from flagbench.measurement import results


def run_and_vary(accepted: Bench) -> None:
    """Runs the project, whose trials agree, and makes the second trial of each series slower."""
    accepted("-q")
    path = results.LATEST / results.CELLS_FILE
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["seconds"] *= 1 + (row["trial"] - 1) * (0.1 + 0.05 * (row["combination"] == "all"))
        del row[results.CHECKSUM]
    path.write_text("".join(results.lines_of(rows, len(rows))))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--effect", "tokens 5%"), 0, "tokens 5%: not known: these 2 trials did not vary, and a "),
        ((), 0, "not known: no variation"),
        (("--fail-if", "tokens > +2%"), 0, "on their own: not known: these 2 trials did not vary"),
        (("--effect", "seconds 5%"), 0, "for a power of 80% (spread between trials"),
        (("--effect", "seconds 0.5", "--power", "0.9"), 0, "for a power of 90%"),
        ((), 0, "smallest effect seen"),
        (("--fail-if", "seconds > +2%"), 0, "INCONCLUSIVE"),
        (("--effect", "tokens"), 2, "expected: a metric and a size"),
        (("--effect", "tokns 5%"), 2, "expected: tokens"),
        (("--effect", "tokens -100%"), 2, "nothing can fall by 100 % or more"),
        (("--effect", "tokens 0%"), 2, "'tokens 0%' is not an effect"),
        (("--effect", "seconds -0.0"), 2, "'seconds -0.0' is not an effect"),
        (("--effect", "acceptance 5pp"), 2, "is not an effect"),
        (("--fail-if", "acceptance < -3pp"), 2, "flagbench compare --fail-if"),
        (("--effect", "tokens 5%"), 0, "same luck: not known without --against"),
        (("--against", "none"), 2, "against itself"),
        (("--against", "nothing"), 2, "no cells of tiny::nothing"),
        (("--combination", "nothing"), 2, "no cells of tiny::nothing"),
    ],
)
def test_plan(accepted: Bench, arguments: tuple[str, ...], code: int, told: str) -> None:
    """From the cells of the last run."""
    run_and_vary(accepted)
    result = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml", *arguments])
    assert (result.exit_code != 0) == (code != 0), result.output
    assert told in result.output + str(result.exception)


@pytest.mark.parametrize(("gate", "nothing"), [("seconds < -2%", "+0.0%"), ("seconds < -2", "+0")])
def test_no_effect_is_a_row_without_a_minus(accepted: Bench, gate: str, nothing: str) -> None:
    """Of a gate against a fall, whose other effects are below 0."""
    run_and_vary(accepted)
    result = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml", "--fail-if", gate])
    effects = re.findall(r"^ *([+-][\d.]+%?) ", result.output, re.MULTILINE)
    assert effects[-1] == nothing, result.output


def test_gates_of_the_project_are_planned(accepted: Bench) -> None:
    """A rate is left to `compare`; more trials see more."""
    run_and_vary(accepted)
    ini = accepted.house.path / "pytest.ini"
    gates = "flagbench_gates =\n    seconds > +2%\n    acceptance < -3pp\n"
    ini.write_text(ini.read_text() + gates)
    result = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml"])
    assert "FAIL with 4 trials" in result.output, result.exception
    assert "acceptance < -3pp: a rate; `flagbench compare` says how many trials" in result.output


def test_no_chance_of_a_plan_is_certain(accepted: Bench) -> None:
    """An effect far beyond the bound is seen almost always; a table says no more."""
    run_and_vary(accepted)
    gate = "seconds > +2%"
    result = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml", "--fail-if", gate])
    table = result.output.partition("true effect")[2]
    assert not re.findall(r"\s(?:0|100)%", table), result.output
    assert ">99.9%" in table


def test_a_gate_that_the_trials_cannot_show_is_not_known(accepted: Bench) -> None:
    """A plan goes on where the project declares it, and ends where it was asked for."""
    run_and_vary(accepted)
    path = results.LATEST / results.CELLS_FILE
    rows = [json.loads(line) | {"usd": None} for line in path.read_text().splitlines()]
    for row in rows:
        del row[results.CHECKSUM]
    path.write_text("".join(results.lines_of(rows, len(rows))))
    ini = accepted.house.path / "pytest.ini"
    ini.write_text(ini.read_text() + "flagbench_gates =\n    usd > +2%\n    seconds > +2%\n")
    result = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml"])
    told = "usd > +2%: not known, the trials do not show how usd varies"
    assert told in result.output, result.exception
    assert "FAIL with 4 trials" in result.output
    asked = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml", "--fail-if", "usd > +2%"])
    assert "the trials do not show how usd varies" in str(asked.exception)


def test_the_same_luck_is_planned_from_the_differences(accepted: Bench) -> None:
    """Sides that vary together need fewer trials than sides that vary on their own."""
    run_and_vary(accepted)
    result = CliRunner().invoke(
        cli, ["plan", "scenarios/tiny.yaml", "--combination", "all", "--effect", "seconds 1%"]
    )
    assert "if both sides meet the same luck: " in result.output, result.exception
    assert "not known" not in result.output
    table = CliRunner().invoke(cli, ["plan", "scenarios/tiny.yaml", "--against", "all"])
    assert "with the same luck" in table.output


def test_a_gate_of_two_combinations_is_planned_in_pairs(accepted: Bench) -> None:
    """As `compare` judges them; each table says what it assumes."""
    run_and_vary(accepted)
    gate = ("--fail-if", "seconds > +2%")
    alone = CliRunner().invoke(plan, ["scenarios/tiny.yaml", *gate])
    assert "seconds > +2%, both sides recorded on their own" in alone.output, alone.exception
    assert "paired" not in alone.output
    both = CliRunner().invoke(
        plan, ["scenarios/tiny.yaml", "--combination", "all", *gate, "--against", "short"]
    )
    first, paired, second = both.output.partition(
        "seconds > +2%, short and all of the same trials, paired"
    )
    assert paired, both.output
    assert "seconds > +2%, both sides recorded on their own" in first
    sides = {
        name: [cell for cell in results.load(results.LATEST) if cell.combination == name]
        for name in ("short", "all")
    }
    values = pairing.values(pairing.pair(sides["short"], sides["all"]).pairs, "seconds")
    seen = planning.spread_of_pairs(values, is_percent=True)
    assert seen is not None
    fails, *_ = planning.chances(seen, math.log1p(0.05), math.log1p(0.02))
    (row,) = [line.split() for line in second.splitlines() if line.split()[:1] == ["+5.0%"]]
    assert row[1] == f"{fails:.0%}"


def test_trials_that_cannot_be_paired_are_named(accepted: Bench) -> None:
    """As by `compare`; the rest is planned all the same."""
    accepted("-q")
    path = results.LATEST / results.CELLS_FILE
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [row for row in rows if (row["combination"], row["trial"]) != ("none", 2)]
    for row in kept:
        del row[results.CHECKSUM]
    path.write_text("".join(results.lines_of(kept, len(kept))))
    result = CliRunner().invoke(plan, ["scenarios/tiny.yaml", "--combination", "all"])
    told = "same luck: not known, none is not of the same trials: A has the trials 1; B has"
    assert told in result.output, result.output + str(result.exception)
    assert "smallest effect seen" in result.output
