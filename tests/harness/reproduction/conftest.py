"""Fixtures of reproductions: a command of flagbench, and a run."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bench import Bench
from click.testing import CliRunner

from flagbench.cli.main import cli
from flagbench.errors import FlagbenchError

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command() -> Command:
    """Runs a command of `flagbench`; gives its exit code and its words."""

    def run(*words: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(cli, list(map(str, words)))
        if isinstance(result.exception, FlagbenchError):
            return result.exception.exit_code, str(result.exception)
        return result.exit_code, result.output

    return run


@pytest.fixture
def ran(accepted: Bench) -> Bench:
    """The tiny scenario, run."""
    accepted()
    return accepted
