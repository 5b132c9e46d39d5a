"""`flagbench accept`: the checks on any file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness import cli

SOLUTION = Path(__file__).resolve().parents[2] / "scenarios" / "solutions" / "student"
SPEC = "entity: Student\nattributes: {name: string}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a user's, with blanks and accents, a spec and a routes file."""
    path = tmp_path / "mein Projekt é"
    path.mkdir()
    monkeypatch.chdir(path)
    (path / "student.yaml").write_text(SPEC)
    (path / "routes.py").write_bytes((SOLUTION / "app/routes/student.py").read_bytes())
    return path


def run(*arguments: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(cli.cli, ["accept", *arguments])


def prove(kind: str, *arguments: str) -> Result:
    """The command with the spec."""
    return run("--kind", kind, "--spec", "student.yaml", *arguments)


def test_right_routes_are_accepted_alone(folder: Path) -> None:
    """On tables made from the spec; the table has no colours where it is piped."""
    result = prove("fastapi-routes", "routes.py")
    assert result.exit_code == 0, result.output
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["file", "entity", "verdict", "check", "figures"],
        ["routes.py", "Student", "accepted"],
    ]
    assert "\x1b" not in result.output


def test_wrong_routes_are_refuted_with_the_first_check(folder: Path) -> None:
    """As JSON, with exit code 1; the other file is told all the same."""
    text = (folder / "routes.py").read_text().replace(", status_code=201", "")
    (folder / "falsch.py").write_text(text)
    result = prove("fastapi-routes", "falsch.py", "routes.py", "--json")
    assert result.exit_code == 1
    wrong, right = json.loads(result.stdout)
    assert (wrong["accepted"], wrong["check"], right["accepted"]) == (False, "create", True)
    assert wrong["message"].startswith("POST /students answers 200; right would be 201")


def test_a_whole_application_is_proven_by_a_scenario() -> None:
    """Every file of its entities; a missing one is refuted."""
    spec = SOLUTION.parents[1] / "student.yaml"
    result = run("--kind", "application", "--spec", str(spec), str(SOLUTION), "--json")
    assert result.exit_code == 0, result.output
    rows = {Path(row["file"]).name: row for row in json.loads(result.stdout)}
    assert len(json.loads(result.stdout)) == 4
    assert rows["test_student.py"]["figures"]["mutants"] == [8, 8]


def test_a_missing_file_of_an_application_is_refuted(folder: Path) -> None:
    """It was asked for."""
    (folder / "app").mkdir()
    result = prove("application", ".", "--json")
    assert result.exit_code == 1
    assert {row["check"] for row in json.loads(result.stdout)} == {"made"}


def test_a_second_time_it_is_known(folder: Path) -> None:
    """Kept in .flagbench; --no-cache leaves nothing behind."""
    prove("fastapi-routes", "routes.py", "--no-cache")
    assert not (folder / ".flagbench").exists()
    prove("fastapi-routes", "routes.py")
    assert (folder / ".flagbench").is_dir()


@pytest.mark.parametrize(
    ("spec", "arguments", "words"),
    [("entity: Student\natributes: {name: string}\n", (), ["student.yaml:2: atributes"]),
     ("entity: Student\nattributes: {name: strin}\n", (), ["student.yaml:2", "'strin' is no type"]),
     ("- {entity: A, attributes: {x: text}}\n- {entity: B, attributes: {x: text}}\n", (),
      ["routes.py: which entity", "--entity A|B"]),
     (SPEC, ("--entity", "Studnet"), ["no entity 'Studnet'", "Student"]),
     (SPEC, ("--subject", "generator.cruud"), ["no 'cruud'"])],
    ids=["key", "type", "which", "entity", "subject"],
)  # fmt: skip
def test_wrong_input_is_told(
    folder: Path, spec: str, arguments: tuple[str, ...], words: list[str]
) -> None:
    """With its place and what would be right."""
    (folder / "student.yaml").write_text(spec)
    result = prove("fastapi-routes", "routes.py", *arguments)
    assert all(word in str(result.exception) for word in words), result.exception


def test_a_page_needs_the_application_around_it(folder: Path) -> None:
    """The command says so, with exit code 2 and one clear message."""
    arguments = ["--kind", "streamlit-page", "--spec", "student.yaml", "routes.py"]
    script = "from harness.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "accept", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "needs routes" in done.stderr
    assert "--around FOLDER" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_is_proven_in_its_application() -> None:
    """The other files are taken from the folder around."""
    page = SOLUTION / "app/pages/student.py"
    result = prove("streamlit-page", str(page), "--around", str(SOLUTION))
    assert result.exit_code == 0, result.output
