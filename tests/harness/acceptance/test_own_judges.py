"""Own checks judge artifacts by real tools: SQLite, Python, node, pytest, and a function."""

import os
import shutil
import sys
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE_SECONDS

from flagbench.acceptance.own_cases import OwnCase
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.acceptance.sandbox.sandbox import Sandbox
from flagbench.errors import CouldNotRun, InputError
from flagbench.scenario.own_checks import OwnCheck, OwnChecks

PYTHON = ["python", "--version"]
SQLITE = """\
import sqlite3, sys
sqlite3.connect(":memory:").executescript(open(sys.argv[1]).read())
"""
CHECK_OF_SQL = """\
import os, sqlite3

def test_it_has_a_table_of_invoices():
    database = sqlite3.connect(":memory:")
    database.executescript(open(os.environ["FLAGBENCH_FILE"]).read())
    assert database.execute("SELECT count(*) FROM invoice").fetchone() == (0,)
"""
JUDGE = """\
def by_words(artifact, spec):
    missing = [word for word in spec["words"] if word not in artifact.text]
    assert not missing, f"{artifact.path} lacks {missing}"

def by_message(artifact, spec):
    return "" if "invoice" in artifact.text else "no invoice"

def broken(artifact, spec):
    return 1 / 0

def answers_a_number(artifact, spec):
    return 42

def reads(artifact, spec):
    open("not/there.txt")

def chatters(artifact, spec):
    while True:
        print("x" * 1000)

def ends(artifact, spec):
    import os
    os._exit(7)
"""
GOOD, BAD = "CREATE TABLE invoice (id INTEGER);\n", "CREATE TABEL invoice (id INTEGER);\n"
OTHER = "CREATE TABLE bill (id INTEGER);\n"
PY_COMPILE: dict[str, Any] = {"run": ["python", "-m", "py_compile", "{file}"], "version": PYTHON}
SCRIPT: dict[str, Any] = {
    "run": ["python", "checks/load.py", "{file}"], "version": PYTHON, "reads": ["checks"],
}  # fmt: skip
PYTEST: dict[str, Any] = {
    "run": ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "checks/test_sql.py"],
    "version": ["python", "-m", "pytest", "--version"], "reads": ["checks"],
}  # fmt: skip
BINARY: dict[str, Any] = {
    "run": ["sqlite3", "-bail", ":memory:", ".read {file}"], "version": ["sqlite3", "--version"],
}  # fmt: skip
NODE: dict[str, Any] = {"run": ["node", "--check", "{file}"], "version": ["node", "--version"]}
WORDS: dict[str, Any] = {"judge": "own_judge_of_sql.by_words", "spec": {"words": ["invoice"]}}
MESSAGE: dict[str, Any] = {"judge": "own_judge_of_sql.by_message"}


@pytest.fixture
def prover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prover]:
    """A prover with a cache on disk; the project has checks and a module with judges."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "load.py").write_text(SQLITE)
    (tmp_path / "checks" / "test_sql.py").write_text(CHECK_OF_SQL)
    (tmp_path / "own_judge_of_sql.py").write_text(JUDGE)
    monkeypatch.syspath_prepend(tmp_path)
    prover = Prover(ProofCache(tmp_path / "cache"))
    yield prover
    prover.close()


def case(folder: Path, text: str, path: str = "db/schema.sql", **check: Any) -> OwnCase:
    """An artifact and its own check."""
    kind = path.rpartition(".")[2]
    patient = {"timeout_seconds": PATIENCE_SECONDS, **check}
    checks = OwnChecks(folder, {kind: OwnCheck.model_validate(patient)})
    return OwnCase(kind, path, checks, {path: text})


@pytest.mark.parametrize(
    ("check", "path", "good", "bad", "message"),
    [
        pytest.param(PY_COMPILE, "a.py", "x = 1\n", "x = = 1\n", "invalid syntax", id="python -m"),
        pytest.param(SCRIPT, "db/schema.sql", GOOD, BAD, "TABEL", id="a script of the project"),
        pytest.param(PYTEST, "db/schema.sql", GOOD, OTHER, "no such table: invoice", id="pytest"),
        pytest.param(PYTEST, "my schema.sql", GOOD, BAD, "TABEL", id="a name with a space"),
        pytest.param(SCRIPT, "-v.sql", GOOD, BAD, "TABEL", id="a name like an option"),
        pytest.param(BINARY, "db/schema.sql", GOOD, BAD, "TABEL", id="sqlite3"),
        pytest.param(NODE, "a.js", "let x = 1;\n", "let x = ;\n", "SyntaxError", id="node"),
        pytest.param(WORDS, "a.sql", GOOD, OTHER, "lacks ['invoice']", id="a judge that asserts"),
        pytest.param(MESSAGE, "a.sql", GOOD, OTHER, "no invoice", id="a judge with a message"),
    ],
)
def test_a_check_accepts_and_refutes(
    check: dict[str, Any], path: str, good: str, bad: str, message: str, prover: Prover,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Exit code 0 is accepted; else the last lines are the message."""
    tool = check.get("run", ["python"])[0]
    if tool != "python" and shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    assert prover.prove(case(tmp_path, good, path, **check)).accepted
    proof = prover.prove(case(tmp_path, bad, path, **check))
    assert proof.check == ("judge" if "judge" in check else "run")
    assert message in proof.message


def run(code: str, **more: Any) -> dict[str, Any]:
    """A check by a line of Python."""
    return {"run": ["python", "-c", code], "version": PYTHON, **more}


@pytest.mark.parametrize(
    ("check", "what", "fix"),
    [
        ({"run": ["no-such-tool"], "version": PYTHON}, "no-such-tool is not installed", "install"),
        ({"run": ["./no/such/tool"], "version": PYTHON}, "./no/such/tool cannot be run", "reads"),
        ({"run": ["sh", "-c", "no-such-tool"], "version": PYTHON}, "exit code 127", "install"),
        ({"run": ["sh", "-c", "./schema.sql"], "version": PYTHON}, "exit code 12", "program"),
        (
            {"run": ["python", "-m", "no_such_module"],
             "version": ["python", "-m", "no_such_module", "--version"]},
            "No module named no_such_module", "`version`",
        ),
        (run("import time; time.sleep(60)", timeout_seconds=1.0), "it ran longer than 1 s",
         "timeout_seconds"),
        (run("while True: pass", timeout_seconds=1.0), "1 s", "timeout_seconds"),
        (run("while True: print('x' * 1000)"), "printed more than", "print less"),
        (run("import os; os.kill(os.getpid(), 9)"), "ended by SIGKILL", "memory"),
        ({"run": ["python", "-V"], "version": ["sh", "-c", "kill -40 $$"]}, "ended by signal 40",
         "`version`"),
        ({"run": ["python", "-V"], "version": ["true"]}, "true printed nothing", "`version`"),
        (run("pass", reads=["db"]), "db is a file of the artifact, too", "another name"),
        ({"judge": "own_judge_of_sql.broken"}, "ZeroDivisionError", "AssertionError"),
        ({"judge": "own_judge_of_sql.reads"}, "FileNotFoundError", "reads"),
        ({"judge": "own_judge_of_sql.chatters"}, "it printed more than", "print less"),
        ({"judge": "own_judge_of_sql.ends"}, "it ended with exit code 7", "must return"),
        ({"judge": "own_judge_of_sql.missing"}, "AttributeError", "importable"),
        ({"judge": "own_judge_of_sql.answers_a_number"}, "a value of the type int", "return None"),
        ({"judge": "no_such_module.judge"}, "no_such_module", "pythonpath"),
    ],
)  # fmt: skip
def test_what_cannot_judge_is_no_refutation(
    check: dict[str, Any], what: str, fix: str, prover: Prover, tmp_path: Path
) -> None:
    """A tool or judge that is missing, broken, slow or talkative COULD NOT RUN, with its fix."""
    (tmp_path / "db").mkdir()
    with pytest.raises((CouldNotRun, InputError)) as error:
        prover.prove(case(tmp_path, GOOD, **check))
    (problem,) = error.value.problems
    assert what in str(error.value)
    assert fix in (problem.fix or "no fix")


@pytest.mark.parametrize(
    ("path", "files", "what", "fix"),
    [
        ("../a.sql", {}, ": the path '../a.sql' leads out of", "relative"),
        ("a.sql", {"./a.sql": ""}, ": there are two files 'a.sql'", "once"),
        ("a.sql", {"a.sql/b": ""}, ": 'a.sql' is a file and a folder", "rename"),
        ("a.sql", {"b" * 300: ""}, "is too long", "shorter"),
        ("a.sql", {"b": "\ud800"}, ": the file 'b' is not text", "UTF-8"),
    ],
)
def test_files_that_cannot_be_laid_out_are_no_refutation(
    path: str, files: dict[str, str], what: str, fix: str, prover: Prover, tmp_path: Path
) -> None:
    """The message is a sentence, and its fix is about the subject's files."""
    artifact = case(tmp_path, GOOD, path, **run("pass"))
    artifact = replace(artifact, files={**artifact.files, **files})
    with pytest.raises(CouldNotRun) as error:
        prover.prove(artifact)
    (problem,) = error.value.problems
    assert what in str(problem)
    assert fix in problem.fix


def test_a_command_is_in_the_sandbox(prover: Prover, tmp_path: Path) -> None:
    """A command reads what is declared and nothing else of the project, and has no network."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "notes.txt").write_text("notes")
    secret = str(tmp_path / "secret.txt")
    see = f"import os, sys; sys.exit(os.path.exists({secret!r}))"
    proof = prover.prove(case(tmp_path, GOOD, **run(see)))
    assert proof.accepted or (prover.isolation is not None and not prover.isolation.is_full)
    read = run(f"open({secret!r}).read()")
    assert prover.prove(case(tmp_path, GOOD, **read)).check == "run"
    declared = run("assert open('notes.txt').read() == 'notes'", reads=["notes.txt"])
    assert prover.prove(case(tmp_path, GOOD, **declared)).accepted
    write = run("open('notes.txt', 'w').write('x')", reads=["notes.txt"])
    assert prover.prove(case(tmp_path, GOOD, **write)).check == "run"
    assert (tmp_path / "notes.txt").read_text() == "notes"


def test_the_walls_stand_around_programs(prover: Prover, tmp_path: Path) -> None:
    """The tier is checked for children that run programs, as for others."""
    prover.prove(case(tmp_path, GOOD, **run("pass")))
    with Sandbox("flagbench.acceptance.probe.own_check:warm") as other:
        assert prover.isolation == other.isolation


@pytest.mark.parametrize("changed", ["text", "argument", "input", "version"])
def test_a_proof_is_cached_by_what_it_depends_on(
    changed: str, prover: Prover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same artifact, command, inputs and version are judged once; a change judges again."""
    tool, base = tmp_path / "programs" / "own-tool", tmp_path / "checks" / "base.txt"
    base.write_text("1")
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 1.0\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    check = run("pass", version=["own-tool"], reads=["checks"])
    for _ in range(2):
        assert prover.prove(case(tmp_path, GOOD, **check)).accepted
    assert (prover.cost.made, prover.cost.kept) == (1, 1)
    text = GOOD
    if changed == "text":
        text = OTHER
    elif changed == "argument":
        check = {**check, "run": ["python", "-c", "pass", "more"]}
    elif changed == "input":
        base.write_text("2")
    else:
        tool.write_text("#!/bin/sh\necho 2.0\n")
    later = Prover(ProofCache(tmp_path / "cache"))
    try:
        assert later.prove(case(tmp_path, text, **check)).accepted
        assert later.prove(case(tmp_path, text, **check)).accepted
        assert (later.cost.made, later.cost.kept) == (1, 1)
    finally:
        later.close()


def test_the_python_of_a_command_is_the_harness_own(prover: Prover, tmp_path: Path) -> None:
    """`python` is the interpreter that runs flagbench, with its packages."""
    code = f"import sys, pytest; assert sys.prefix == {sys.prefix!r}"
    assert prover.prove(case(tmp_path, GOOD, **run(code))).accepted


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_command_of_another_environment(
    prover: Prover, tmp_path: Path, *, is_absolute: bool
) -> None:
    """Its Python is named by a path, from the scenario's folder or absolute, with its packages."""
    environment = tmp_path / "their own"
    venv.create(environment, symlinks=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "their_linter.py").write_text(
        "import sys\nassert 'invoice' in open(sys.argv[1]).read()\n"
    )
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    python = str(environment / "bin/python") if is_absolute else "../their own/bin/python"
    check = {"run": [python, "-m", "their_linter", "{file}"], "version": [python, "--version"]}
    assert prover.prove(case(scenarios, GOOD, **check)).accepted
    assert not prover.prove(case(scenarios, OTHER, **check)).accepted
