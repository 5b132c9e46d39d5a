"""`flagbench compare`: what it prints, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from made_cells import PATHS, row, write

from flagbench.cli.compare import compare
from flagbench.errors import ExitCode, InputError

TRIALS = {1: (1000, 700), 2: (1080, 730), 3: (960, 690), 4: (1020, 760)}


def rows(scenario: str = "one", trials: int = 4, *, more: int = 0) -> list[dict[str, Any]]:
    """B saves about 30 % of the tokens and takes longer; `more` tokens are used by B."""
    return [
        row(name, scenario=scenario, trial=trial, tokens=(tokens,), seconds=seconds,
            refuted=PATHS[:1])
        for trial, both in list(TRIALS.items())[:trials]
        for name, tokens, seconds in (
            ("none", both[0], 10.0 + trial), ("all", both[1] + more, 15.0),
        )
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with results of two scenarios as the latest."""
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "reports" / "latest", [*rows(), *rows("two")])


def run(*arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(compare, list(arguments))


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ([], ExitCode.KEPT),
        (["tokens > +2%"], ExitCode.KEPT),
        (["seconds > +1%"], ExitCode.BROKEN),
        (["tokens > -31%"], ExitCode.COULD_NOT_RUN),
        (["tokens > -31%", "seconds > +1%"], ExitCode.BROKEN),
        (["tokens > -31%", "tokens > +2%"], ExitCode.COULD_NOT_RUN),
    ],
)
def test_the_exit_code_is_the_answer(conditions: list[str], code: ExitCode) -> None:
    """PASS or no gate 0, FAIL 1, INCONCLUSIVE 3; of several gates the worst."""
    options = [part for one in conditions for part in ("--fail-if", one)]
    result = run("none", "all", "--scenario", "one", *options)
    assert result.exit_code == code, result.output


def test_the_table_says_what_it_is_of_and_what_it_holds_for() -> None:
    """Every metric, the provider, the scope, and the smallest effect of an inconclusive gate."""
    text = run(
        "none", "all", "--scenario", "one", "--requests", "--fail-if", "tokens > -31%"
    ).output
    assert "1 scenario(s), 4 recordings" in text
    assert "simulated provider, gpt-4o-mini, o200k_base, prices since 2024-07-18" in text
    for metric in ("tokens", "seconds", "usd", "calls", "approval", "acceptance"):
        assert f"\n{metric} " in text
    assert "about other recordings of these scenarios" in text
    assert "one-01" in text
    assert "INCONCLUSIVE tokens > -31%" in text
    assert "beyond the bound that these recordings would show 4 times in 5: -" in text
    assert "trials of each scenario would PASS" not in text
    assert "trials of each scenario would FAIL an effect of -28.0%" in text


def test_methods_and_weights_are_named() -> None:
    """A difference and a ratio each have their method, an amount and a rate their weight."""
    text = run("none", "all", "--scenario", "one").output
    assert "acceptance (B - A): exact" in text
    assert "acceptance (B / A): hybrid Wilson score" in text
    assert "Amounts weigh every scenario the same, rates every file." in text


def test_gates_of_the_project_are_asked_without_an_option(tmp_path: Path) -> None:
    """The command line's are asked in their place; a wrong one names the file."""
    ini, sides = tmp_path / "pytest.ini", ("none", "all", "--scenario", "one")
    ini.write_text("[pytest]\nflagbench_gates =\n    seconds > +1%\n    tokens > +2%\n")
    declared = run(*sides)
    assert declared.exit_code == ExitCode.BROKEN
    assert "FAIL seconds > +1%" in declared.output
    assert run(*sides, "--fail-if", "tokens > +2%").exit_code == ExitCode.KEPT
    ini.write_text("[pytest]\nflagbench_gates = tokns > +2%\n")
    assert "flagbench_gates in pytest.ini" in str(run(*sides).exception)


def test_an_undecided_gate_has_its_chances_by_effect_and_trials() -> None:
    """The chance of FAIL grows with the effect and the trials, and begins beyond the bound."""
    output = run("none", "all", "--scenario", "one", "--fail-if", "tokens > -31%").output
    assert "true effect  FAIL with 4 trials  FAIL with 8 trials" in output
    rows = [line.split() for line in output.splitlines() if line.endswith("%") and line[:1] == "+"]
    chances = [[float(share.strip("<>%")) for share in row[1:]] for row in rows]
    assert [row[0] for row in rows] == ["+2.0%", "+5.0%", "+10.0%", "+25.0%", "+50.0%"]
    assert all(row == sorted(row) for row in chances)
    assert all(list(column) == sorted(column) for column in zip(*chances, strict=True))


def test_an_undecided_gate_says_how_many_trials_would_decide() -> None:
    """If nothing changed, and for files without any change."""
    gates = [part for one in ("seconds > +35%", "acceptance < -3pp") for part in ("--fail-if", one)]
    text = run("none", "all", "--scenario", "one", *gates).output
    assert "trials of each scenario would PASS if nothing had changed" in text
    assert "122 trials of each scenario would PASS" in text
    assert "Each gate is judged at 95 %, without correction" in text


def test_two_scenarios_are_about_scenarios_and_few_of_them_are_said_to_be_few() -> None:
    """With a row for each."""
    text = run("none", "all").output
    assert "about other scenarios like these" in text
    assert "2 scenarios say little about others" in text
    assert "\none " in text and "\ntwo " in text


def test_one_scenario_says_nothing_of_others() -> None:
    """No interval stands there, and no sentence on intervals."""
    text = run("none", "all", "--scenario", "one", "--about", "scenarios").output
    assert "one scenario says nothing of others; see --about trials." in text
    assert "1 scenarios" not in text
    assert "[" not in text.split("B / A [95 %]")[1]
    assert "Intervals are" not in text


def test_one_trial_does_not_generalise(results: Path) -> None:
    """It says so, and prints no interval."""
    write(results, rows(trials=1))
    text = run("none", "all").output
    assert "exact for these recordings. They do not generalise" in text
    assert "-300" in text
    assert "[" not in text.split("B / A [95 %]")[1]


def test_json_has_everything() -> None:
    """Both values, limits, effect, p values, gates and the cassettes they rest on."""
    result = run("none", "all", "--scenario", "one", "--json", "--fail-if", "tokens > +2%")
    told = json.loads(result.stdout)
    tokens = told["metrics"][0]
    assert (told["a"], told["b"], told["about"], told["answer"]) == (
        "none",
        "all",
        "trials",
        "PASS",
    )
    assert tokens["metric"] == "tokens"
    assert tokens["difference"]["low"] < tokens["difference"]["value"] == -295
    assert set(tokens) >= {"a", "b", "ratio", "effect", "p", "p_holm", "method", "smallest"}
    assert told["gates"][0]["answer"] == "PASS"
    assert len(told["recordings"]) == 4


def test_the_same_bytes_twice(results: Path) -> None:
    """In other processes, with other hash seeds."""
    write(results, [one for place in range(8) for one in rows(f"s{place}", more=place * place)])
    code = "from flagbench.cli.compare import compare; compare()"
    said = {
        subprocess.run(
            [sys.executable, "-c", code, "none", "all", "--json"],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(said) == 1
    assert b"clustered bootstrap-t" in said.pop()


def test_two_runs_are_compared_by_their_folders(results: Path, tmp_path: Path) -> None:
    """The combination all, unless another is named; other cassettes are refused until declared."""
    other = [{**one, "cassette": "f" * 64} for one in rows()]
    write(tmp_path / "before", other)
    arguments = ("before", str(results), "--scenario", "one")
    refused = run(*arguments)
    assert isinstance(refused.exception, InputError)
    assert "the cassette differs" in str(refused.exception)
    allowed = run(*arguments, "--declare", "cassette")
    assert allowed.exit_code == 0, allowed.output
    assert "A = before::all" in allowed.output
    assert "declared to differ: cassette" in allowed.output
    assert run(*arguments, "--declare", "cassette", "--combination", "none").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none", "al"], "'al' is not a combination"),
        (["none", "all", "--scenario", "three"], "unknown scenario 'three'"),
        (["none", "all", "--fail-if", "tokens < -150%"], "nothing can fall by 100 % or more"),
        (["none", "all", "--fail-if", "speed > 2%"], "speed was not measured on both sides"),
    ],
)
def test_wrong_input_is_told(arguments: list[str], words: str) -> None:
    """With what would be right; the funnel makes it exit code 2."""
    result = run(*arguments)
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == ExitCode.WRONG_INPUT
    assert words in str(result.exception)


def test_every_wrong_condition_is_told_at_once() -> None:
    """Two of them."""
    result = run("none", "all", "--fail-if", "token > 2%", "--fail-if", "tokens")
    assert isinstance(result.exception, InputError)
    assert len(result.exception.problems) == 2
