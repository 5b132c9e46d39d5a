"""`flagbench init`: what it writes runs as it is, and nothing that exists is lost."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sampled import sampled

from flagbench.cli import ini_lines
from flagbench.cli.init import STYLES, init_
from flagbench.errors import InputError


def init(*arguments: str) -> Result:
    """The command, in the current folder, with nobody to answer."""
    return CliRunner().invoke(init_, list(arguments))


def flagbench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder."""
    code = "from flagbench.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("style", sampled(STYLES, 1))
def test_what_it_writes_runs(tmp_path: Path, style: str) -> None:
    """Init, record, accept, pytest: the files are proven, and a flag saves what it should."""
    folder = tmp_path / "a new prôject"
    assert init(str(folder), "--style", style, "--scenario", "one").exit_code == 0
    for command in (
        ("record", "scenarios/one.yaml"), ("run", "--accept-baselines"), ("run", "scenarios"),
    ):  # fmt: skip
        done = flagbench(folder, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    (row,) = [line.split() for line in done.stdout.splitlines() if line.startswith("all ")]
    assert row[-1] == "KEPT"
    assert row[2].startswith("-6")  # the change of tokens, in percent
    assert row[7] == "100%"  # accepted
    again = init(str(folder), "--style", style, "--scenario", "one")
    assert again.exit_code == 0, again.output
    assert not flagbench(folder, "run", "scenarios").returncode


def test_a_recording_without_a_request_is_told(tmp_path: Path) -> None:
    """Of a generator that does not use its client, also when the command is repeated."""
    (tmp_path / "pytest.toml").touch()
    assert init(str(tmp_path)).exit_code == 0
    (tmp_path / "my_generator.py").write_text("async def generate(*_, **__): ...")
    for _ in range(2):
        recorded = flagbench(tmp_path, "record", "scenarios/first.yaml")
        told = recorded.stderr.count("scenarios/first.yaml: no trial of any series sent a request")
        assert (recorded.returncode, told) == (0, 1), recorded.stderr


def test_what_exists_is_not_overwritten(tmp_path: Path) -> None:
    """Each file is named; none is written."""
    (tmp_path / "my_generator.py").write_text("mine = 1\n")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "first.yaml").mkdir()
    result = init(str(tmp_path))
    assert isinstance(result.exception, InputError)
    assert [Path(problem.where).name for problem in result.exception.problems] == [
        "first.yaml", "my_generator.py",
    ]  # fmt: skip
    assert not (tmp_path / ".github").exists()
    assert (tmp_path / "my_generator.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize("option", ["--scenario", "--provider"])
@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "a b", "x\ny"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, option: str, name: str) -> None:
    """Before anything is written; an empty one is as if it was not given."""
    result = init(str(tmp_path), option, name)
    if name:
        assert isinstance(result.exception, InputError)
        assert not list(tmp_path.iterdir())
    else:
        assert result.exit_code == 0


HEAD = "[tool.pytest.ini_options]"
BOTH = 'flagbench_scenarios = ["scenarios"]\npythonpath = ["."]\n'


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("pyproject.toml", None, f"{HEAD}\n{BOTH}"),
        ("pyproject.toml", "[project]\nname = 'x'\n", f"[project]\nname = 'x'\n\n{HEAD}\n{BOTH}"),
        (
            "pyproject.toml", f"# é\n{HEAD}  # ours\naddopts = '-q'\n[tool.x]\n",
            f"# é\n{HEAD}  # ours\n{BOTH}addopts = '-q'\n[tool.x]\n",
        ),
        (
            "pyproject.toml", f"{HEAD}\npythonpath = ['src']\n",
            f'{HEAD}\nflagbench_scenarios = ["scenarios"]\npythonpath = [\'src\']\n',
        ),
        ("pyproject.toml", f"{HEAD}\n{BOTH}", f"{HEAD}\n{BOTH}"),
        ("pyproject.toml", "[tool.pytest]\n", f"[tool.pytest]\n{BOTH}"),
        ("pytest.toml", "", f"[pytest]\n{BOTH}"),
        (
            "pytest.ini", "[pytest]\nminversion = 8\n",
            "[pytest]\nflagbench_scenarios = scenarios\npythonpath = .\nminversion = 8\n",
        ),
        (
            "setup.cfg", "[metadata]\nname = x\n[tool:pytest]\n",
            "[metadata]\nname = x\n[tool:pytest]\n"
            "flagbench_scenarios = scenarios\npythonpath = .\n",
        ),
    ],
)  # fmt: skip
def test_the_configuration_gets_the_lines_that_it_lacks(
    tmp_path: Path, name: str, text: str | None, expected: str
) -> None:
    """In the file and the table that pytest reads; everything else stays."""
    if text is not None:
        (tmp_path / name).write_text(text)
    path, *where = ini_lines.configured(tmp_path)
    assert path.name == name
    assert ini_lines.with_lines(path, *where) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool\n", "cannot be read"),
        ("[tool.pytest]\nini_options = {addopts = '-q'}\n", "cannot be added to"),
        ("\xff\xfe", "cannot be read"),
    ],
)
def test_a_configuration_of_another_form_is_left_alone(
    tmp_path: Path, text: str, words: str
) -> None:
    """The error names the file, and no file is written."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(text.encode("latin-1"))
    result = init(str(tmp_path))
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)
    assert path.read_bytes() == text.encode("latin-1")
    assert list(tmp_path.iterdir()) == [path]


def test_ignored_files_are_added_once(tmp_path: Path) -> None:
    """What is there stays first."""
    (tmp_path / ".gitignore").write_text("*.pyc\nreports/latest/")
    assert init(str(tmp_path)).exit_code == 0
    ignored = (tmp_path / ".gitignore").read_text()
    assert ignored == "*.pyc\nreports/latest/\n.flagbench/\n"


@pytest.mark.parametrize("name", ["a b", "it's $HOME", 'a "quoted" prôject', "-dash", "`id`"])
def test_its_commands_can_be_pasted_into_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The first one enters the folder, whatever its name."""
    monkeypatch.chdir(tmp_path)
    said = init("--", name).output
    (enter,) = [line for line in said.splitlines() if line.startswith("  cd ")]
    done = subprocess.run(
        ["sh", "-c", f"{enter}\npwd"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert Path(done.stdout.rstrip("\n")) == tmp_path / name
