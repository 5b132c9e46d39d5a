"""`flagbench accept`: the checks on any file."""

import json
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from patience import PATIENCE_SECONDS

from flagbench.acceptance import prover
from flagbench.acceptance.sandbox.isolation import ALL
from flagbench.acceptance.sandbox.sandbox import Limits, Sandbox
from flagbench.cli import main
from flagbench.errors import InputError

SOLUTION = Path(__file__).resolve().parents[3] / "scenarios" / "solutions" / "student"
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
    return CliRunner().invoke(main.cli, ["accept", *arguments])


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
    assert wrong["message"].startswith("POST /students answers 200; expected: 201")


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


@pytest.mark.thorough
def test_a_project_is_proven_by_its_erd(folder: Path) -> None:
    """As a whole: what is wrong in it is named with its file, what is missing is told."""
    shutil.copytree(SOLUTION.parent / "django-blog" / "api", folder / "blog" / "api")
    spec = SOLUTION.parents[1] / "erds" / "blog.json"
    asked = ("--kind", "django-project", "--spec", str(spec), "blog", "--json")
    result = run(*asked)
    assert result.exit_code == 0, result.output
    views = folder / "blog" / "api" / "views.py"
    views.write_text(views.read_text().replace("[ModelPermissions]", "[ModelPermissions][:0]"))
    result = run(*asked)
    (row,) = json.loads(result.stdout)
    assert (result.exit_code, row["entity"], row["check"]) == (1, "blog", "auth")
    assert "401" in row["message"]
    views.unlink()
    (row,) = json.loads(run(*asked).stdout)
    assert (row["check"], row["message"]) == ("made", "missing: api/views.py")


def test_a_system_is_proven_by_its_brief(folder: Path) -> None:
    """File by file: what is missing and what is wrong is told, and no other file is refuted."""
    shutil.copytree(SOLUTION.parent / "enterprise-clinic", folder / "clinic")
    spec = SOLUTION.parents[1] / "briefs" / "clinic.yaml"
    asked = ("--kind", "enterprise-system", "--spec", str(spec), "--only", "links,schema,agreement")
    (folder / "clinic" / "docs" / "API.md").unlink()
    (folder / "clinic" / "monitoring" / "alerts" / "alerts.yml").write_text("groups: []\n")
    result = run(*asked, "--json", "clinic")
    refuted = {row["file"]: row["check"] for row in json.loads(result.stdout) if row["check"]}
    assert result.exit_code == 1
    assert refuted == {
        "clinic/docs/API.md": "made",
        "clinic/monitoring/alerts/alerts.yml": "agreement",
    }
    with pytest.raises(InputError, match="FastAPI is written in Python"):
        wrong = folder / "brief.yaml"
        text = spec.read_text().replace("Flask", "FastAPI").replace("Python", "JavaScript")
        wrong.write_text(text)
        main.cli(["accept", *asked[:3], str(wrong), "clinic"], standalone_mode=False)


def test_a_system_is_proven_by_definitions_of_its_brief(folder: Path) -> None:
    """A domain of the user's; the same system does not have the tables of another."""
    shutil.copytree(SOLUTION.parent / "enterprise-clinic", folder / "clinic")
    brief = (SOLUTION.parents[1] / "briefs" / "clinic.yaml").read_text()
    (folder / "brief.yaml").write_text(brief.replace("healthcare", "care"))
    care = "domain: care\nentities:\n  Guest: {email: email, diet: text}\n"
    (folder / "care.yaml").write_text(f"{care}sensitive: {{Guest: [diet]}}\n")
    asked = ("--kind", "enterprise-system", "--spec", "brief.yaml", "--only", "agreement")
    with pytest.raises(InputError, match="the domain care is not one of"):
        main.cli(["accept", *asked, "clinic"], standalone_mode=False)
    rows = json.loads(run(*asked, "--with", "care.yaml", "--json", "clinic").stdout)
    (api,) = (row for row in rows if row["file"] == "clinic/docs/API.md")
    assert "/api/v1/" in api["message"]
    (folder / "care.yaml").write_text("domain: care\nentities:\n  Guest: {email: emial}\n")
    with pytest.raises(InputError, match=r"care\.yaml:3: Guest\.email has an unknown type, emial"):
        main.cli(["accept", *asked, "--with", "care.yaml", "clinic"], standalone_mode=False)
    wrong = ["accept", "--kind", "fastapi-routes", "--spec", "brief.yaml", "--with", "care.yaml"]
    with pytest.raises(InputError, match="only a brief names domains"):
        main.cli([*wrong, "brief.yaml"], standalone_mode=False)


@pytest.mark.thorough
def test_a_second_time_it_is_known(folder: Path) -> None:
    """Kept in .flagbench; --no-cache leaves nothing behind."""
    prove("fastapi-routes", "routes.py", "--no-cache")
    assert not (folder / ".flagbench").exists()
    prove("fastapi-routes", "routes.py")
    assert (folder / ".flagbench").is_dir()


@pytest.mark.parametrize(
    ("spec", "arguments", "words"),
    [("entity: Student\natributes: {name: string}\n", (),
      ["student.yaml:2: unknown key 'atributes'"]),
     ("entity: Student\nattributes: {name: strin}\n", (),
       ["student.yaml:2", "'strin' is not a type"]),
     ("title: t\nacceptance:\n- entity: Student\n  attributes: {name: strin}\n", (),
      ["student.yaml:4: 0.attributes.name: 'strin' is not a type"]),
     ("- {entity: A, attributes: {x: text}}\n- {entity: B, attributes: {x: text}}\n", (),
      ["routes.py: its name matches no entity", "--entity A|B"]),
     (SPEC, ("--entity", "Studnet"), ["no entity 'Studnet'", "Student"]),
     (SPEC, ("--subject", "cruud"), ["unknown subject 'cruud'"])],
    ids=["key", "type", "scenario", "which", "entity", "subject"],
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
    script = "from flagbench.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "accept", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "needs routes" in done.stderr
    assert "--around FOLDER" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.thorough
def test_a_page_is_proven_in_its_application() -> None:
    """The other files are taken from the folder around."""
    page = SOLUTION / "app/pages/student.py"
    result = prove("streamlit-page", str(page), "--around", str(SOLUTION))
    assert result.exit_code == 0, result.output


SLEEPER = '"""Student, name."""\n\nimport time\n\ntime.sleep(1000)\n'


def start(*arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    script = "from flagbench.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, "accept", "--spec", "student.yaml", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def descendants(pid: int) -> set[int]:
    """The processes that it has started, and theirs."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found |= {child} | descendants(child)
    return found


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
def test_an_interrupt_ends_it_at_once_and_leaves_nothing_behind(folder: Path) -> None:
    """While generated code sleeps; with the exit code that shells have for it."""
    (folder / "sleeper.py").write_text(SLEEPER)
    process = start("--kind", "sqlite-schema", "sleeper.py")
    try:
        end, seen, since = time.monotonic() + PATIENCE_SECONDS, set[int](), time.monotonic()
        # The parent of the sandbox and its child have been the same for a while: it sleeps.
        while len(seen) < 2 or time.monotonic() - since < 1.5:
            assert time.monotonic() < end
            assert process.poll() is None, process.communicate()
            now = descendants(process.pid)
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
        end = time.monotonic() + PATIENCE_SECONDS
        assert process.returncode == 130
        assert "interrupted" in told
        assert "Traceback" not in told
        while alive := [pid for pid in seen if Path(f"/proc/{pid}").exists()]:
            assert time.monotonic() < end, alive
            time.sleep(0.02)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--kind", "sqlite-schema", "not-there.py"], "'not-there.py' does not exist"),
     (["--kind", "sqlite", "routes.py"], "unknown kind 'sqlite'"),
     (["--kind", "sqlite-schema"], "Missing argument"),
     (["--kind", "application", "routes.py"], "an application cannot be a single file"),
     (["--kind", "fastapi-routes", "latin.py"], "latin.py: cannot be read")],
    ids=["file", "kind", "none", "no folder", "latin-1"],
)  # fmt: skip
def test_wrong_usage_ends_with_two(folder: Path, arguments: list[str], words: str) -> None:
    """In one message, before anything is run."""
    (folder / "latin.py").write_bytes('"""é"""\n'.encode("latin-1"))
    process = start(*arguments)
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2
    assert words in told
    assert "Traceback" not in told
    assert not (folder / ".flagbench").exists()


def test_what_could_not_run_ends_with_three(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sandbox that lacks a wall, where all are required: nothing is told of the files."""

    def weak(warm: str, *, limits: Limits) -> Sandbox:
        return Sandbox(warm, limits=limits, walls=ALL - {"network"})

    monkeypatch.setattr(prover, "Sandbox", weak)
    arguments = ["accept", "--kind", "fastapi-routes", "--spec", "student.yaml", "routes.py"]
    monkeypatch.setattr(sys, "argv", ["flagbench", *arguments, "--require-isolation"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 3
    told = capsys.readouterr()
    assert "flagbench: the sandbox lacks network namespace" in told.err
    assert told.out == ""
    monkeypatch.setattr(sys, "argv", ["flagbench", *arguments])
    main.main()
    told = capsys.readouterr()
    assert "warning: the sandbox lacks network namespace" in told.err
    assert "accepted" in told.out


def lenient(folder: Path) -> None:
    """Write routes that answer 200 to a POST, and have an unused import."""
    text = (folder / "routes.py").read_text().replace(", status_code=201", "")
    (folder / "lenient.py").write_text(f"import os\n{text}")


def test_every_failed_check_is_named(folder: Path) -> None:
    """Each check runs alone; what could not run says what it waits for."""
    lenient(folder)
    result = prove("fastapi-routes", "lenient.py", "--json")
    assert result.exit_code == 1
    (row,) = json.loads(result.stdout)
    failed = {name for name, one in row["checks"].items() if one["accepted"] is False}
    assert failed == {"flake8", "create", "black"}
    assert row["check"] == "flake8"
    assert row["python"] == platform.python_version()


@pytest.mark.thorough
def test_checks_are_selected(folder: Path) -> None:
    """By their names, which are checked; statuses come from the spec."""
    lenient(folder)
    only = prove("fastapi-routes", "lenient.py", "--only", "boots,missing")
    assert only.exit_code == 0, only.output
    skip = prove("fastapi-routes", "lenient.py", "--skip", "flake8,black")
    assert skip.exit_code == 1
    assert "create: POST /students answers 200; expected: 201" in skip.stdout
    (folder / "student.yaml").write_text(f"{SPEC}statuses: {{create: [200, 201]}}\n")
    assert prove("fastapi-routes", "lenient.py", "--skip", "flake8,black").exit_code == 0
    wrong = prove("fastapi-routes", "lenient.py", "--only", "boot").exception
    assert isinstance(wrong, InputError)
    assert "expected: boots" in str(wrong)
    none = prove("fastapi-routes", "lenient.py", "--only", "boots", "--skip", "boots").exception
    assert "no check is left" in str(none)


@pytest.mark.thorough
def test_a_missing_package_proves_nothing(folder: Path) -> None:
    """It could not run, and the other file is judged all the same."""
    text = (folder / "routes.py").read_text()
    (folder / "other.py").write_text(f"import nowhere_to_be_seen\n{text}")
    (folder / "mine").mkdir()
    (folder / "mine" / "requirements.txt").write_text("fastapi\nnowhere-to-be-seen\n")
    asked = ("fastapi-routes", "other.py", "routes.py", "--skip", "flake8,black", "--json")
    result = prove(*asked, "--around", "mine")
    assert result.exit_code == 3, result.output
    other, right = json.loads(result.stdout)
    assert (other["accepted"], right["accepted"]) == (None, True)
    assert "module nowhere_to_be_seen is neither in the application nor" in other["message"]
    (folder / "mine" / "requirements.txt").write_text("fastapi\n")
    refuted, _ = json.loads(prove(*asked, "--around", "mine").stdout)
    assert (refuted["accepted"], refuted["check"]) == (False, "boots")


@pytest.mark.thorough
def test_the_users_own_application_is_around(folder: Path) -> None:
    """Its main.py replaces that of the scaffold, and its other modules are there."""
    around = folder / "mine"
    (around / "app").mkdir(parents=True)
    (around / ".venv").mkdir()
    (around / ".venv" / "broken.py").write_bytes(b"\xff")
    (around / "own_prefix.py").write_text('PREFIX = "/api"\n')
    (around / "app" / "main.py").write_text(
        "from fastapi import FastAPI\n"
        "from app.routes.student import router\n"
        "from app.connection import get_connection\n"
        "from app.schemas import student\n"
        "from own_prefix import PREFIX\n"
        "connections = get_connection()\n"
        "student.migrate(next(connections))\n"
        "app = FastAPI()\n"
        "app.include_router(router, prefix=PREFIX)\n"
    )
    asked = ("fastapi-routes", "routes.py", "--around", "mine")
    refuted = prove(*asked)
    assert refuted.exit_code == 1
    assert "POST /students answers 404" in refuted.stdout
    (folder / "student.yaml").write_text(f"{SPEC}address: /api/students\n")
    result = prove(*asked)
    assert result.exit_code == 0, result.output


OWN = """
title: Own checks
acceptance:
  kinds:
    py: {run: [python, -m, py_compile, "{file}"], version: [python, --version]}
    listed: {run: [python, "{file}"], version: [python, --version], files: "lists/*"}
"""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["routes.py"], 0, "py accepted"),
        (["routes.py", "bad.py"], 1, "py refuted run"),
        (["--kind", "listed", "bad.py"], 1, "listed refuted run"),
        (["--around", ".", "lists/a.py"], 0, "listed accepted"),
        (["--kind", "listed", "lists/a.py"], 1, "listed refuted run"),
        (["notes.txt"], 2, "its name tells no kind"),
        (["--kind", "sql", "bad.py"], 2, "unknown kind 'sql'"),
        (["--only", "flake8", "bad.py"], 2, "own checks are one for a kind"),
    ],
)
def test_own_checks_of_a_scenario(
    folder: Path, arguments: list[str], code: int, words: str
) -> None:
    """The kind follows from the pattern, the suffix or `--kind`; another file may be beside it."""
    (folder / "own.yaml").write_text(OWN)
    (folder / "bad.py").write_text("x = = 1")
    (folder / "notes.txt").write_text("x")
    (folder / "lists").mkdir()
    (folder / "lists" / "a.py").write_text("open('routes.py')")
    result = run("--spec", "own.yaml", "--no-cache", *arguments)
    said = result.output + str(result.exception or "")
    assert words in " ".join(said.split())
    assert (2 if isinstance(result.exception, InputError) else result.exit_code) == code


def test_a_judge_of_the_project_is_imported_as_a_run_does(folder: Path) -> None:
    """From the folder of the project, or those that its settings of pytest name."""
    (folder / "src").mkdir()
    (folder / "src" / "my_judges.py").write_text("def ok(artifact, spec):\n    return True\n")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = src\n")
    own = "title: Own\nacceptance: {kinds: {py: {judge: my_judges.ok}}}\n"
    (folder / "own.yaml").write_text(own)
    result = run("--spec", "own.yaml", "--no-cache", "routes.py")
    assert (result.exit_code, result.exception) == (0, None), result.output
