"""macOS and Windows: everything is imported, measured and judged but what generated code does."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from bench import Bench
from house import EXAMPLES, House

from flagbench.acceptance import prover
from flagbench.acceptance.artifact_proof import RATES
from flagbench.acceptance.proof_cache import ProofCache
from flagbench.acceptance.prover import Prover
from flagbench.acceptance.sandbox import platform_support
from flagbench.run.options import Options
from flagbench.scenario import loading
from flagbench.series.runner import SeriesRunner
from flagbench.series.series import Series
from flagbench.verdict.verdict import Outcome

ROOT = Path(__file__).resolve().parents[2]
NOT_PROVEN = "not proven: no sandbox on this platform (generated code was not run)"
PLATFORMS = ("darwin", "win32")
IMPORT_ALL = """
import flagbench, flagbench_generators, importlib, pkgutil
for package in (flagbench, flagbench_generators):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".scaffold" not in module.name:
            importlib.import_module(module.name)
"""
PYTEST = """
import pytest
options = ["--capture=sys", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
           "-p", "no:langsmith_plugin"]
raise SystemExit(pytest.main([*options, {}]))
"""


def on(platform: str, script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The run of a script in a process of the platform."""
    begin = f"import lesser_platform\nlesser_platform.leave({platform!r})\n"
    return subprocess.run(
        [sys.executable, "-c", begin + textwrap.dedent(script)],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(folder)])},
    )  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_module_can_be_imported(platform: str, tmp_path: Path) -> None:
    """No module needs at import what only Linux or a Unix has."""
    done = on(platform, IMPORT_ALL, tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_scenario_without_acceptance_is_kept(platform: str, accepted_house: House) -> None:
    """The tiny scenario needs no sandbox, and none is missed."""
    (accepted_house.path / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = scenarios\n")
    done = on(platform, PYTEST.format("'scenarios'"), accepted_house.path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 KEPT" in done.stdout
    assert "not proven" not in done.stdout


@pytest.mark.parametrize(
    ("platform", "fix"),
    [("darwin", "--flagbench-run-unsandboxed"), ("win32", "run it on Linux")],
)
def test_what_was_not_proven_is_not_kept(platform: str, fix: str, tmp_path: Path) -> None:
    """The series is in the report with what was measured, its verdict is COULD NOT RUN."""
    for name in ("scenarios", "baselines", "cassettes/simulated/student"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "pytest.ini").write_text("[pytest]\nflagbench_scenarios = scenarios\n")
    arguments = "'scenarios/student.yaml', '-k', 'none'"
    done = on(platform, PYTEST.format(arguments), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"mutant_rate, test_pass_rate: {NOT_PROVEN}" in done.stdout
    assert fix in done.stdout
    assert f"warning: {NOT_PROVEN} (1 of 1 series)" in done.stdout
    assert "1 COULD NOT RUN" in done.stdout
    written = json.loads((tmp_path / "reports/latest/summary.json").read_text())
    series = written["scenarios"]["student"]["series"]["none"]
    assert series["metrics"]["tokens"] > 0
    assert not series["metrics"].keys() & set(RATES)


@pytest.fixture
def no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform without a sandbox, on which children can be run."""
    monkeypatch.setattr(prover, "has_sandbox", lambda: False)


def student(folder: Path, expected: Mapping[str, float] | None, **changes: object) -> Series:
    """The control of `student`, with a baseline of these values, "None" for no baseline."""
    scenario = loading.load(ROOT / "scenarios" / "student.yaml")
    if expected is not None:
        values = {metric: {"value": value} for metric, value in expected.items()}
        document = {
            "schema_version": 1, "scenario": "student", "provider": scenario.provider,
            "trials": scenario.trials, "series": {"none": values},
        }  # fmt: skip
        (folder / "student.json").write_text(json.dumps(document))
    options = Options(
        cassettes=ROOT / "cassettes", baselines=folder, reports=folder / "reports", **changes
    )
    runner = SeriesRunner(options)
    try:
        return runner.series(scenario, scenario.control)
    finally:
        runner.close()


def test_a_verdict_needs_every_metric_of_the_baseline(no_sandbox: None, tmp_path: Path) -> None:
    """One that is absent for want of a sandbox withholds it; one that was measured decides it."""
    first = student(tmp_path, None, accept_baselines=True)
    assert (first.verdict.outcome, first.obstacle) == (Outcome.KEPT, None)
    measured = first.summary.metrics
    assert not measured.keys() & set(RATES)
    assert all(NOT_PROVEN in cell.measurement.warnings for cell in first.cells)

    assert student(tmp_path, measured).verdict.outcome == Outcome.KEPT
    proven = student(tmp_path, {**measured, "acceptance_rate": 1.0})
    assert (proven.verdict.outcome, proven.causes) == (Outcome.COULD_NOT_RUN, ())
    assert proven.obstacle is not None
    assert (proven.obstacle.where, proven.obstacle.what) == ("acceptance_rate", NOT_PROVEN)
    other = student(tmp_path, {**measured, "acceptance_rate": 1.0, "tokens": 1.0})
    assert (other.verdict.outcome, other.obstacle) == (Outcome.BROKEN, None)


def test_a_baseline_does_not_lose_its_rates(no_sandbox: None, tmp_path: Path) -> None:
    """Accepting on a platform without a sandbox is refused where they were accepted before."""
    series = student(tmp_path, {"tokens": 1.0, "acceptance_rate": 1.0}, accept_baselines=True)
    assert series.verdict.outcome == Outcome.COULD_NOT_RUN


@pytest.mark.parametrize(
    ("platform", "can_fork", "run_unsandboxed", "runs"),
    [("linux", True, False, True), ("linux", False, True, False),
     ("darwin", True, False, False), ("darwin", True, True, True),
     ("win32", False, False, False), ("win32", False, True, False)],
)  # fmt: skip
def test_generated_code_is_run_in_a_sandbox_or_on_demand(
    platform: str, can_fork: bool, run_unsandboxed: bool, runs: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """On Linux always; on another Unix where the user says so; never without fork."""
    monkeypatch.setattr(platform_support.sys, "platform", platform)
    if not can_fork:
        monkeypatch.delattr(os, "fork")
    obstacle = Prover(ProofCache(None), run_unsandboxed=run_unsandboxed).obstacle
    assert (obstacle is None) is runs


@pytest.mark.thorough
def test_an_output_with_few_characters_ends_no_run(bench: Bench) -> None:
    """A pipe on Windows has the characters of Western Europe; others are replaced."""
    done = bench.apart("scenarios", "-p", "no:cacheprovider", PYTHONIOENCODING="cp1252")
    assert done.returncode == 1
    assert "? " in done.stdout
    assert "4 BROKEN" in done.stdout
    command = [sys.executable, "-c", "from flagbench.cli.main import main; main()"]
    done = subprocess.run(
        [*command, "--help"], cwd=bench.house.path, check=False,
        capture_output=True, env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
