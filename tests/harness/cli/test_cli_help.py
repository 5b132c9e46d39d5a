"""The help of every command: options with texts, whole lines, and the exit codes."""

import re

import click
import pytest
from click.testing import CliRunner

from flagbench.cli.main import COMMANDS, cli
from flagbench.errors import ExitCode


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_every_option_says_what_it_is_for(name: str | None) -> None:
    """In the help of its command; the same folder is shown in the same way by each."""
    command = cli if name is None else COMMANDS[name].load()
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []
    context = click.Context(command)
    for option in options:
        if option.name in ("cassettes", "baselines", "reports"):
            assert option.make_metavar(context) == "DIR"


def test_an_option_is_not_both_required_and_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The help names the variable that `canary --base-url` is taken from, and no default."""
    monkeypatch.setenv("COLUMNS", "200")
    told = " ".join(CliRunner().invoke(cli, ["canary", "--help"]).output.split())
    assert "[env var: OPENAI_BASE_URL; required]" in told
    assert "[default: OPENAI_BASE_URL]" not in told


def test_help_names_every_exit_code() -> None:
    """Those of `flagbench`, and those of `record`, which has modes with codes of their own."""
    for words in (["--help"], ["run", "--help"]):
        _, _, codes = CliRunner().invoke(cli, words).output.partition("Exit codes:")
        told = codes.partition("\n\n")[0]
        assert {int(code) for code in re.findall(r"\b(\d) ", told)} == set(ExitCode), words
    told = " ".join(CliRunner().invoke(cli, ["record", "--help"]).output.split())
    assert "1 FAIL of its gates" in told
    assert "3 could not run, INCONCLUSIVE, or --stale left trials for later" in told


def test_the_line_of_the_canary_is_a_whole_one() -> None:
    """In the list of commands."""
    assert COMMANDS["canary"].summary.endswith("compare the answers")
