"""Acceptance in a run: what is proven, kept, reported, and what is no finding at all."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., subprocess.CompletedProcess[str]]

BROKEN_SANDBOX = """\
from flagbench.acceptance import prover
from flagbench.acceptance.sandbox.sandbox import SandboxFailed
from flagbench.errors import Problem


def broken(warm, **settings):
    raise SandboxFailed(Problem("there is no memory for the child"))


prover.Sandbox = broken
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with the scenario `student`, its first recording and its solution."""
    project = tmp_path / "mein Projekt"
    for name in ("scenarios/student.yaml", "cassettes/simulated/student/1.yaml"):
        (project / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, project / name)
    shutil.copytree(ROOT / "scenarios/solutions/student", project / "scenarios/solutions/student")
    (project / "pytest.ini").write_text("[pytest]\n")
    return project


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs two series of one trial as a command of its own."""

    def start(*arguments: str, chosen: bool = True) -> subprocess.CompletedProcess[str]:
        named = (
            ["--flagbench-combination", "none", "--flagbench-combination", "all"] if chosen else []
        )
        command = [
            sys.executable,
            "-m",
            "pytest",
            "scenarios/student.yaml",
            "--flagbench-trials",
            "1",
        ]
        return subprocess.run(
            [*command, *named, *arguments], cwd=folder, capture_output=True, text=True,
            check=False, env={**os.environ, "PYTHONPATH": str(folder)},
        )  # fmt: skip

    return start


def summary(folder: Path) -> dict[str, dict[str, object]]:
    """Combination -> its series in the last run."""
    written = json.loads((folder / "reports/latest/summary.json").read_text())
    series: dict[str, dict[str, object]] = written["scenarios"]["student"]["series"]
    return series


def proving(folder: Path) -> tuple[int, int]:
    """Proofs made and known, in the last run."""
    told = json.loads((folder / "reports/latest/overhead.json").read_text())["proving"]["student"]
    return sum(one["made"] for one in told.values()), sum(one["kept"] for one in told.values())


def test_a_run_proves_what_was_generated_and_keeps_what_is_refuted(run: Run, folder: Path) -> None:
    """With an optional name expected, half of what is approved does not work, and more of `all`,
    which breaks its target. The second run knows the proofs.
    """
    scenario = folder / "scenarios/student.yaml"
    text = scenario.read_text()
    assert text.count("{name: string}") == 1
    scenario.write_text(text.replace("{name: string}", "{name: optional string}"))
    first = run()
    assert first.returncode == 1
    assert "acceptance_rate is 0.25, target: >= 85 %" in first.stdout
    series = summary(folder)
    assert series["none"]["metrics"]["approval_rate"] == 1.0
    assert series["none"]["metrics"]["acceptance_rate"] == 0.5
    assert series["none"]["metrics"]["false_approval_rate"] == 0.5
    assert series["all"]["metrics"]["acceptance_rate"] == 0.25
    assert series["all"]["metrics"]["mutant_rate"] == 1.0
    cells = (folder / "reports/latest/cells.jsonl").read_bytes()
    refuted = [one for line in cells.splitlines() for one in json.loads(line)["refuted"]]
    kept = {file.name[:12] for file in (folder / "reports/latest/artifacts").iterdir()}
    assert kept == {one["sha256"][:12] for one in refuted}
    assert "app/routes/student.py failed required" in first.stdout
    assert "files were proven by running them" in first.stdout
    assert proving(folder)[0] == 8

    (folder / "reports/latest/artifacts/old.py").write_text("")
    assert run("-n", "2").returncode == 1
    assert (folder / "reports/latest/cells.jsonl").read_bytes() == cells
    assert proving(folder)[0] == 0
    assert not (folder / "reports/latest/artifacts/old.py").exists()
    run("--flagbench-no-proof-cache", "--flagbench-combination", "none")
    assert proving(folder)[0] == 8


@pytest.mark.thorough
def test_a_harness_that_cannot_run_it_refutes_nothing(run: Run, folder: Path) -> None:
    """COULD NOT RUN is an error of the series, with the reason."""
    (folder / "broken_sandbox.py").write_text(BROKEN_SANDBOX)
    done = run("-p", "broken_sandbox")
    assert done.returncode == 1
    assert "there is no memory for the child" in done.stdout
    assert "2 errors" in done.stdout
    assert {one["verdict"] for one in summary(folder).values()} == {"COULD NOT RUN"}
    assert summary(folder)["none"]["metrics"] == {}


@pytest.mark.thorough
def test_a_wrong_variant_that_is_accepted_breaks_the_solution(run: Run, folder: Path) -> None:
    """And one whose edit does not apply; a solution that is right passes."""
    wrong = folder / "scenarios/solutions/student/wrong.yaml"
    right = run("-k", "solution", chosen=False)
    assert right.returncode == 0, right.stdout
    wrong.write_text(
        '- {what: a comment, file: app/routes/student.py, replace: \'"""Students\', '
        'with: \'"""All students\', fails: create}\n'
        "- {what: nothing, file: app/routes/student.py, replace: not there, with: x, fails: list}\n"
    )
    done = run("-k", "solution", chosen=False)
    assert done.returncode == 1
    assert "a comment: app/routes/student.py is accepted; expected: it fails create" in done.stdout
    assert "nothing: 'not there' occurs 0 times in app/routes/student.py" in done.stdout


def test_expectations_that_do_not_fit_the_requests_are_told(run: Run, folder: Path) -> None:
    """With the line of the key."""
    path = folder / "scenarios/student.yaml"
    text = path.read_text()
    entity = "  - entity: Student\n    attributes: {name: string}\n"
    assert entity in text
    path.write_text(text.replace(entity, entity * 2))
    done = run()
    assert done.returncode != 0
    assert "2 entities for 1 requests" in done.stdout
    path.write_text(text.replace("{name: string}", "{name: strin}"))
    assert "'strin' is not a type" in run().stdout
