"""`flagbench generate`: files in a folder, from the simulated provider over real HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = str(Path(sys.executable).with_name("flagbench"))
WORDS = "Add a Student with name and email"


@pytest.fixture
def flagbench(tmp_path: Path) -> Run:
    """Runs the command in an empty folder, without a key unless one is given."""

    def run(*arguments: str, key: str = "", typed: str = "") -> subprocess.CompletedProcess[str]:
        environment = {name: text for name, text in os.environ.items() if "OPENAI" not in name}
        return subprocess.run(
            [COMMAND, "generate", *arguments],
            cwd=tmp_path,
            env={**environment, **({"OPENAI_API_KEY": key} if key else {})},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.thorough
def test_an_application_in_a_folder(flagbench: Run, tmp_path: Path) -> None:
    """The scaffold and four files, a table for programs, and what happened beside it."""
    done = flagbench("crud", WORDS, "--out", "große schule", "--provider", "simulated")
    assert done.returncode == 0, done.stderr
    files = {one.name for one in (tmp_path / "große schule").rglob("*.py")}
    assert {"main.py", "conftest.py", "student.py", "test_student.py"} <= files
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == [
        "file", "app/schemas/student.py", "app/routes/student.py", "app/pages/student.py",
        "tests/test_student.py",
    ]  # fmt: skip
    assert {row[2] for row in rows[1:]} == {"yes"}
    assert "template selected backend" in done.stderr
    assert "4 of 4 files approved, written to große schule" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_what_was_generated_works(flagbench: Run, tmp_path: Path) -> None:
    """Its own tests pass, in a process that knows nothing of us."""
    assert flagbench("crud", WORDS, "--out", "school", "--provider", "simulated").returncode == 0
    command = [sys.executable, "-m", "pytest", "-q", "tests"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, cwd=tmp_path / "school", env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.thorough
def test_later_requests_build_on_earlier_ones(flagbench: Run, tmp_path: Path) -> None:
    """Two requests, one file each, with what both asked for."""
    more = "Students also have an optional birth date"
    done = flagbench("crud", WORDS, more, "--out", "school", "--provider", "simulated")
    assert done.returncode == 0, done.stderr
    schema = (tmp_path / "school/app/schemas/student.py").read_text()
    assert "email" in schema
    assert "birth_date" in schema
    assert done.stdout.count("app/schemas/student.py") == 1


def test_without_a_key_it_says_so_and_offers_the_simulated_provider(flagbench: Run) -> None:
    """Nothing is written, nothing is asked."""
    done = flagbench("crud", WORDS, "--out", "school")
    assert done.returncode == 2
    assert done.stderr == (
        "flagbench: OPENAI_API_KEY is not set\n    expected: a key, or --provider simulated\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["crud", WORDS, "--out", "x", "--flags", "tmplates"], "expected: 'templates'"),
     (["django", "no.json", "--out", "x", "--review", "simulate"], "no.json: cannot be read"),
     (["crud", WORDS, "--out", "x", "--with", "a.yaml"], "only a brief names domains"),
     (["jango", "x", "--out", "x"], "'jango' is not one of 'crud', 'django'"),
     (["crud", "--out", "x"], "Missing argument 'REQUESTS...'")],
)  # fmt: skip
def test_wrong_input(flagbench: Run, arguments: list[str], told: str) -> None:
    """One clear error, exit code 2."""
    done = flagbench(*arguments, "--provider", "simulated")
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_erd_is_told_once_and_nothing_is_written(flagbench: Run, tmp_path: Path) -> None:
    """Everything that is wrong, with its place, before anybody is asked."""
    erd = {"name": "blog", "entities": [{"name": "Post", "fields": [{"name": "n", "type": "int"}]}]}
    (tmp_path / "b é.json").write_text(json.dumps(erd))
    done = flagbench("django", "b é.json", "--out", "x", "--provider", "simulated")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'flagbench: b é.json: $.entities[0].fields[0].type: "int" is not a valid type of a field\n'
        '    expected: "integer"\n'
    )
    assert not (tmp_path / "x").exists()


def test_an_erd_in_another_notation_is_refused(flagbench: Run, tmp_path: Path) -> None:
    """With what is read, and the commands that show it."""
    (tmp_path / "x.mmd").write_text("erDiagram\n  USER ||--o{ POST : writes\n")
    done = flagbench("django", "x.mmd", "--out", "x", "--provider", "simulated")
    assert (done.returncode, done.stdout) == (2, "")
    found, expected, fix = done.stderr.splitlines()
    assert found == 'flagbench: x.mmd:1:1: not JSON: the text begins with "erDiagram"'
    assert ': JSON, such as {"name": "blog"' in expected
    assert fix.endswith("flagbench erd --schema (every key)")
    assert not (tmp_path / "x").exists()


def test_a_wrong_definition_is_told_in_its_file(flagbench: Run, tmp_path: Path) -> None:
    """By its line there; without it, the brief names something unknown."""
    (tmp_path / "brief.yaml").write_text(
        "name: deals\ntech_stack: {language: Python, framework: Flask}\n"
        "system_design: {scale: startup, deployment: compose}\n"
        "requirements_analysis: {domain: trade}\n"
    )
    (tmp_path / "trade.yaml").write_text("domain: trade\nentities:\n  Deal: {sum: nummber}\n")
    asked = ("enterprise", "brief.yaml", "--out", "x", "--provider", "simulated")
    unknown = flagbench(*asked).stderr
    assert 'brief.yaml: $.requirements_analysis.domain: unknown domain "trade"' in unknown
    assert "or one of a file that comes with the brief (--with FILE)" in unknown
    done = flagbench(*asked, "--with", "trade.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'flagbench: trade.yaml:3:10: unknown type "nummber"\n    expected: "number"\n'
    )


@pytest.mark.thorough
@pytest.mark.parametrize("file", ["blog.json", "-"])
def test_a_backend_of_an_erd(flagbench: Run, tmp_path: Path, file: str) -> None:
    """From a file, or from the standard input."""
    field = {"name": "title", "type": "string", "max_length": 9}
    text = json.dumps({"name": "blog", "entities": [{"name": "Post", "fields": [field]}]})
    (tmp_path / "blog.json").write_text(text)
    options = ("--out", "x", "--provider", "simulated", "--review", "simulate", "--flags", "all")
    done = flagbench("django", file, *options, typed=text if file == "-" else "")
    assert done.returncode == 0, done.stderr
    assert "class Post(" in (tmp_path / "x" / "api" / "models.py").read_text()


@pytest.mark.thorough
def test_a_folder_with_files_is_not_touched(flagbench: Run, tmp_path: Path) -> None:
    """Unless it is meant."""
    (tmp_path / "school").mkdir()
    (tmp_path / "school" / "mine.txt").write_text("mine")
    done = flagbench("crud", WORDS, "--out", "school", "--provider", "simulated")
    assert done.returncode == 2
    assert "school: the folder is not empty\n    fix: --force" in done.stderr
    forced = flagbench("crud", WORDS, "--out", "school", "--provider", "simulated", "--force")
    assert forced.returncode == 0
    assert (tmp_path / "school" / "mine.txt").read_text() == "mine"


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_the_words_of_a_model_are_no_markup(tmp_path: Path, encoding: str) -> None:
    """A review, a path, an event and an error that would close a tag, colour a line or be a link.

    On a terminal or a pipe of any encoding.
    """
    script = (
        "from pathlib import Path\n"
        "from types import SimpleNamespace as Some\n"
        "from flagbench.cli import generate, main\n"
        "from flagbench.plain_console import plain_console\n"
        "def told():\n"
        "    words = 'the route [/students] is missing, [bold red]Δ \\ud83d \\x1b[31m'\n"
        "    made = Some(kind='k', path='[bold red]x.py', text='a', approved=False, reason=words)\n"
        "    outcome = Some(artifacts=[made], rates={'odd_rate': (1, 2)})\n"
        "    console = plain_console(stderr=True)\n"
        "    generate._printer(console)(Some(name='odd', fields={'reason': words}))\n"
        "    generate._show(console, outcome.artifacts, outcome, Path('[/out]'), words)\n"
        "main.cli.main = lambda **_: told()\n"
        "main.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode == 0, err
    assert "[bold red]x.py" in out
    assert "no: the route [/students] is missing, [bold red]" in out
    assert "written to [/out]" in err
    assert err.count("the route [/students] is missing") == 2
    assert "\x1b" not in out + err


@pytest.mark.thorough
def test_a_key_that_is_refused(flagbench: Run) -> None:
    """The endpoint is named; it is no bug and no bad measurement."""
    from scripted_provider import Answer, scripted_provider

    with scripted_provider(lambda _: Answer("no", status=401)) as provider:
        done = flagbench("crud", WORDS, "--out", "x", "--base-url", provider.base_url, key="wrong")
    assert done.returncode == 3
    assert done.stderr.count("\n") < 8
    assert f"flagbench: {provider.base_url}: AuthenticationError" in done.stderr
