"""`flagbench record --until-decided`: trials until the gate has an answer."""

import made_cells
import pytest
from click.testing import CliRunner
from house import House
from scripted_provider import scripted_provider

from flagbench.cassette import store
from flagbench.cli.main import cli
from flagbench.errors import InputError

GATE = ("--until-decided", "--fail-if")
B = ("--combination", "short")


@pytest.fixture
def folder(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """An empty house of up to nine trials, where commands run."""
    empty_house.edit("trials: 2", "trials: 9")
    monkeypatch.chdir(empty_house.path)
    return empty_house


@pytest.mark.thorough
def test_recording_ends_with_the_answer(folder: House) -> None:
    """The same time is not 50 % more: PASS before the last trial is recorded."""
    result = CliRunner().invoke(cli, ["record", "scenarios/tiny.yaml", *GATE, "seconds > +50%", *B])
    assert result.exit_code == 0, (result.output, result.exception)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("trial 1: seconds > +50%: ")
    assert "no limits yet INCONCLUSIVE" in lines[0]
    recorded = 9 - len(store.trials_without(folder.cassettes, folder.scenario))
    assert lines[-1] == f"PASS after {recorded} trials"
    assert len(lines) == recorded + 1 < 10


def test_too_few_trials_are_inconclusive(folder: House) -> None:
    """Four exclude nothing, whatever they show."""
    words = ["record", "scenarios", "--trials", "4", *GATE, "tokens > +2%", *B]
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (3, "INCONCLUSIVE after 4 trials")
    assert "the same in every trial, which limits nothing" in result.stderr


@pytest.mark.parametrize("is_real", [True, False], ids=["real", "simulated"])
def test_a_stored_side_is_older(folder: House, is_real: bool) -> None:
    """A drift of a real provider falls on the side that is recorded now, and the user reads so."""
    made_cells.write(folder.path, [made_cells.row(scenario="tiny")])
    words = ["record", "scenarios", "--trials", "1", *GATE, "tokens > +2%", *B]
    with scripted_provider() as served:
        if is_real:
            words += ["--provider", "scripted", "--base-url", served.base_url, "--yes"]
        result = CliRunner().invoke(
            cli, [*words, "--against", "cells.jsonl::none"], env={"OPENAI_API_KEY": "any"}
        )
    assert result.exit_code == 3, (result.output, result.exception)
    told = [line for line in result.stderr.splitlines() if "was recorded before" in line]
    assert len(told) == is_real, told


@pytest.mark.parametrize(
    "arguments",
    [
        ["--until-decided", *B],
        ["--fail-if", "tokens > +2%"],
        ["--until-decided", "--stale"],
        [*GATE, "tokens > +2%"],
        [*GATE, "acceptance < -3pp", *B],
        [*GATE, "tokns > 2%", *B],
        [*GATE, "tokens > 2%", *B, "--against", "shrt"],
    ],
)
def test_wrong_input(folder: House, arguments: list[str]) -> None:
    """Nothing is recorded."""
    result = CliRunner().invoke(cli, ["record", "scenarios/tiny.yaml", *arguments])
    assert isinstance(result.exception, InputError), result.output
    assert not folder.cassettes.exists()
