"""Files and folders that are removed between the listing and the reading of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from house import House

from flagbench.cassette import journal
from flagbench.errors import ExitCode

PROGRAM = Path(__file__).parents[2] / "examples" / "vanishing.py"
RECORDED = ("cassettes", "cassettes/simulated/tiny", "cassettes/simulated/tiny/2.yaml")


def removed(house: House, path: str, *command: str) -> subprocess.CompletedProcess[str]:
    """What a command says whose path is removed when it reads it."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), path, *command],
        cwd=house.path, env={**os.environ, "OPENAI_API_KEY": "none"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("path", RECORDED)
@pytest.mark.parametrize(
    "command",
    [
        ("scrub", "--check"),
        ("scrub",),
        ("canary", "cassettes", "--base-url", "http://127.0.0.1:9", "--yes"),
    ],
    ids=" ".join,
)
def test_what_was_listed_is_missed(house: House, path: str, command: tuple[str, ...]) -> None:
    """One error, and nothing is called clean that nobody has read."""
    done = removed(house, path, *command)
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert "flagbench: " in done.stderr
    assert "Traceback" not in done.stderr
    assert path in done.stderr
    assert not (house.path / path).exists()


def test_a_journal_that_ends_meanwhile_is_missed(house: House) -> None:
    """It reads as an empty one, which would be clean."""
    journal.begin_fresh(house.cassette(), {"provider": "x"})
    path = str(journal.path_of(house.cassette()).relative_to(house.path))
    done = removed(house, path, "scrub", "--check")
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert f"{path}: it was removed after the files were listed" in done.stderr


@pytest.mark.parametrize("command", [("record", "scenarios"), ("view", "scenarios")], ids=" ".join)
def test_a_folder_of_scenarios_may_go(house: House, command: tuple[str, ...]) -> None:
    """One error that names it."""
    done = removed(house, "scenarios", *command)
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert done.stderr == (
        "flagbench: scenarios: it is not there, or no longer\n"
        "    expected: a file or folder that stays during the command\n"
    )
