"""A command that cannot write its output ends in order, and never with the code of a finding."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_cells import PATHS, row, write

COMMAND = [sys.executable, "-c", "from flagbench.cli.main import main; main()"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with stored results, in which all is kept."""
    monkeypatch.chdir(tmp_path)
    rows = [
        row(name, scenario="one", trial=trial, tokens=(tokens + trial,), refuted=PATHS[:1])
        for trial in (1, 2, 3)
        for name, tokens in (("none", 1000), ("all", 700))
    ]
    write(tmp_path / "reports/latest", rows)
    (tmp_path / "scenarios").mkdir()
    return tmp_path


def closed() -> int:
    """The end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
@pytest.mark.parametrize(
    "words",
    [
        "compare none all", "attribute", "compare none all --fail-if tokens>+2%",
        "compare none all --json", "attribute --json",
        "", "--help", "--version", "compare --help", "run",
    ],
)  # fmt: skip
def test_a_closed_pipe_is_no_finding(words: str) -> None:
    """Tables, documents, texts, the help of all commands and of one, and what pytest prints."""
    pipe = closed()
    done = subprocess.run(
        [*COMMAND, *words.split()], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(pipe)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
def test_a_closed_pipe_of_the_messages() -> None:
    """Nothing is written elsewhere in their place."""
    pipe = closed()
    done = subprocess.run(
        [*COMMAND, "compare", "none", "nothing"], stdout=subprocess.PIPE, stderr=pipe, text=True,
        check=False,
    )  # fmt: skip
    os.close(pipe)
    assert (done.returncode, done.stdout) == (141, "")


@pytest.mark.skipif(os.name == "nt", reason="a shell with pipefail")
def test_a_reader_of_one_line() -> None:
    """As `| head -1`, of a table longer than a pipe holds."""
    command = [*COMMAND, "compare", "none", "all", "--requests"]
    rows = [
        row(name, scenario=f"scenario-{number}-{'x' * 40}", trial=trial, tokens=(1000 + trial,))
        for number in range(800)
        for trial in (1, 2)
        for name in ("none", "all")
    ]
    write(Path("reports/latest"), rows)
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdout.readline().startswith("A = ")
    running.stdout.close()
    assert running.stderr.read() == ""
    running.stderr.close()
    assert running.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "words",
    [
        "compare none all", "compare none all --json", "compare --help", "attribute", "",
        "--help", "--version", "run", "run --collect-only", "run --help",
    ],
)  # fmt: skip
def test_a_full_disk_is_no_finding(words: str) -> None:
    """It could not run, in one message."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *words.split()], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert "no space left on device\n    fix: make room" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    ("words", "code"), [("compare none all", 3), ("run", 3), ("compare none nothing", 2)]
)
def test_a_message_that_cannot_be_written_changes_no_exit_code(words: str, code: int) -> None:
    """Messages go where the output goes, and both are full."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, *words.split()], stdout=full, stderr=full, check=False)
    assert done.returncode == code


@pytest.mark.skipif(os.name == "nt", reason="a shell")
@pytest.mark.parametrize(
    ("words", "code"), [("compare none all", 0), ("run", 2), ("compare none nothing", 2)]
)
def test_an_output_that_is_closed_is_not_wanted(words: str, code: int) -> None:
    """As if it were thrown away: `flagbench compare … >&-` is asked for its exit code alone."""
    closes = ["sh", "-c", '"$@" >&-', "sh"]
    done = subprocess.run(
        [*closes, *COMMAND, *words.split()], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr


def test_a_place_that_is_none_is_one_error(folder: Path) -> None:
    """Whatever the system says of it."""
    (folder / "file").touch()
    done = subprocess.run(
        [*COMMAND, "init", "file/project"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "not a directory\n    expected: a file or folder" in done.stderr
