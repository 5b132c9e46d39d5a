"""The example projects of the documents work as their READMEs say, outside of this repository."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from example_projects import EXAMPLES, OWN, UNWANTED

FLAGBENCH = ("-c", "from flagbench.cli.main import main; main()")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def example() -> str:
    """The project; a table may name another."""
    return "own-generator"


@pytest.fixture
def project(tmp_path: Path, example: str) -> Path:
    """A copy of the project in a folder that has nothing else."""
    unwanted = shutil.ignore_patterns(*UNWANTED)
    return Path(shutil.copytree(EXAMPLES / example, tmp_path / "a project", ignore=unwanted))


@pytest.fixture
def run(project: Path) -> Run:
    """Runs Python in the project's folder, as its user does."""
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=project, env={**plain, "COLUMNS": "120"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return start


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("example", OWN)
def test_the_project_keeps_its_targets_and_shows_the_table_of_its_readme(
    example: str, run: Run
) -> None:
    """Replay without a key gives the figures that the README prints."""
    if example == "node-command" and shutil.which("node") is None:
        pytest.skip("node is not installed")
    ended = run("-m", "pytest", "scenarios", "-p", "no:xdist")
    assert ended.returncode == 0, ended.stdout
    readme = (EXAMPLES / example / "README.md").read_text("utf-8")
    table = re.search(r"```text\n(.*?)```", readme, re.DOTALL)
    assert table is not None
    printed = [line.split() for line in ended.stdout.splitlines()]
    assert [row for row in map(str.split, table[1].splitlines()) if row not in printed] == []
    assert "4 KEPT" in ended.stdout


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("file", "old", "new", "status", "said"),
    [
        pytest.param("greeter.py", "You write", "You now write", 3, "COULD NOT RUN", id="prompt"),
        pytest.param("scenarios/greeting.yaml", "trials: 2", "trials: two", 2, "greeting.yaml:6",
                     id="schema"),
        pytest.param("scenarios/greeting.yaml", 'approval_rate: ">= 100 %"', 'calls: "< 3"', 1,
                     "BROKEN", id="target"),
    ],
)  # fmt: skip
def test_a_change_ends_with_the_exit_code_of_its_kind(
    project: Path, run: Run, file: str, old: str, new: str, status: int, said: str
) -> None:
    """A prompt without a recording could not run; a bad file is input; a missed target broken."""
    edit(project / file, old, new)
    ended = run(*FLAGBENCH, "run", "scenarios")
    assert (ended.returncode, said in ended.stdout) == (status, True), ended.stdout
