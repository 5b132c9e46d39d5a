"""Commands without a named scenario take those of the project, wherever they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
from bench import Bench
from click.testing import CliRunner
from house import House

from flagbench.cli import ini_lines
from flagbench.cli.main import cli
from flagbench.errors import InputError


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\nflagbench_scenarios = ["mine", "b c"]\n'),
        ("pytest.ini", "[pytest]\nflagbench_scenarios = mine 'b c'\n"),
        ("setup.cfg", '[tool:pytest]\nflagbench_scenarios =\n    mine\n    "b c"\n'),
    ],
)
def test_the_folders_are_those_of_pytest(tmp_path: Path, name: str, text: str) -> None:
    """A list in TOML, words as in a shell elsewhere."""
    (tmp_path / name).write_text(text)
    for folder in ("mine", "b c"):
        (tmp_path / folder).mkdir()
    assert ini_lines.scenario_folders(tmp_path) == [tmp_path / "mine", tmp_path / "b c"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Below a project its root is named, elsewhere the command that makes one."""
    below = tmp_path / "my project" / "src"
    below.mkdir(parents=True)
    with pytest.raises(InputError, match="scenarios: no such folder") as caught:
        ini_lines.scenario_folders(below)
    assert "fix: flagbench init" in str(caught.value)
    (below.parent / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = mine\n")
    with pytest.raises(InputError) as caught:
        ini_lines.scenario_folders(below)
    assert f"fix: cd '{below.parent}'" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\nflagbench_scenarios = it's\npythonpath = it's\n"),
        ("pytest.toml", "[pytest]\nflagbench_scenarios = 3\npythonpath = [3]\n"),
    ],
)
def test_a_line_that_is_no_list_is_one_error(tmp_path: Path, name: str, text: str) -> None:
    """Of both lines, with the file."""
    (tmp_path / name).write_text(text)
    lines = {
        "flagbench_scenarios": ini_lines.scenario_folders, "pythonpath": ini_lines.use_pythonpath,
    }  # fmt: skip
    for key, read in lines.items():
        with pytest.raises(InputError, match=f"{name}: {key} = .*\n.*a list of folders"):
            read(tmp_path)


def test_warnings_as_errors_do_not_end_a_run(empty_house: House) -> None:
    """That of modules which pytest cannot rewrite is about this command, not about the subject."""
    code = "from flagbench.cli.main import main; main()"
    command = [sys.executable, "-c", code, "run", "-W", "error", "--collect-only"]
    environment = {**os.environ, "PYTHONPATH": str(Path(tiny.__file__).parent)}
    done = subprocess.run(
        command, cwd=empty_house.path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_run_takes_them(accepted: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the project names, and not `./scenarios` beside them."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # its own pytest must not see that one is running
    house = accepted.house.path
    accepted.house.scenario_file.parent.rename(house / "bench")
    (house / "scenarios").mkdir()
    (house / "scenarios" / "other.yaml").write_text("subject: nothing.at_all\n")
    (house / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = bench\npythonpath = .\n")
    result = CliRunner().invoke(cli, ["run", "-k", "short"])
    assert (result.exit_code, accepted.verdicts()) == (0, {"short": "KEPT"}), result.output
