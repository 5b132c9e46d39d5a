"""`flagbench record --until-decided`: trials until the gate has an answer."""

import pytest
from click.testing import CliRunner
from house import House

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
