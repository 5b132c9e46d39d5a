"""`flagbench run`: pytest with exit codes that tell broken, wrong input and could-not-run apart."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bench import Bench
from click.testing import CliRunner

from flagbench.cli.main import cli

Run = Callable[..., int]


@pytest.fixture
def run(accepted: Bench) -> Run:
    """Runs `flagbench run` in this process, in the accepted house."""

    def command(*arguments: str) -> int:
        # Its own pytest must not see that one is running.
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("PYTEST_CURRENT_TEST", raising=False)
            result = CliRunner().invoke(cli, ["run", *arguments])
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            return result.exit_code

    return command


def test_all_kept_is_0(run: Run, accepted: Bench) -> None:
    """With the scenarios folder by default, a file, and pytest's options."""
    assert run() == 0
    assert run("scenarios/tiny.yaml", "-q", "-k", "short") == 0
    assert accepted.verdicts() == {"short": "KEPT"}


@pytest.mark.thorough
def test_a_path_that_an_option_takes_is_not_a_scenario(run: Run, accepted: Bench) -> None:
    """The scenarios folder is run, and no test of the user's, also where that file exists."""
    (accepted.house.path / "test_own.py").write_text("def test_own():\n    assert False\n")
    for _ in range(2):
        assert run("-q", "--junitxml", "junit.xml", "--basetemp", "temporary") == 0
        assert set(accepted.verdicts()) == {"none", "short", "parallel", "all"}


@pytest.fixture
def configured_above(accepted: Bench) -> Iterator[Path]:
    """A folder beside the project, in one that has a configuration of pytest, too."""
    above = accepted.house.path.parent / "pytest.ini"
    above.write_text("[pytest]\n")
    out = above.with_name(f"{accepted.house.path.name}-out")
    out.mkdir()
    yield out
    above.unlink()


@pytest.mark.thorough
def test_a_folder_beside_the_project_does_not_move_its_root(
    run: Run, accepted: Bench, configured_above: Path
) -> None:
    """pytest takes a value apart from its option for a test, if it is there: refused, not lost."""
    out = configured_above
    apart = accepted.apart("scenarios", "--flagbench-reports", str(out))
    assert apart.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"fix: write --flagbench-reports={out}, or add --rootdir=." in apart.stderr
    assert run("--flagbench-reports", str(out)) == 2
    assert run(f"--flagbench-reports={out}") == 0
    assert (out / "latest" / "report.md").exists()
    assert run("--flagbench-reports", str(out), "--rootdir=.") == 0
    # A run without scenarios is none of ours.
    assert "root" not in accepted.apart("--basetemp", str(out / "made"), "--co").stderr


@pytest.mark.thorough
def test_below_the_root_a_folder_beside_is_no_error(
    run: Run, accepted: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root is that of the project with the option, and without it."""
    house = accepted.house.path
    (house / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    for name in ("below", "out"):
        (house / name).mkdir()
    monkeypatch.chdir(house / "below")
    for out in ("../out", "../out"):  # the second time there are reports in it
        assert run("../scenarios", "--flagbench-reports", out) == 0
    assert (house / "out" / "latest" / "report.md").exists()


def test_something_broken_is_1(run: Run, accepted: Bench) -> None:
    """A target that is not kept, or a baseline's extra series."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    assert run() == 1
    accepted.house.edit('token_reduction: ">= 99 %"', 'token_reduction: ">= 20 %"')
    accepted.house.baseline.write_text(
        accepted.house.baseline.read_text().replace('"series": {', '"series": {"cache": {},')
    )
    assert run() == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("scenarios/missing.yaml",),
        ("--no-such-option",),
        ("-k", "nothing_matches"),
        ("--design", "ful"),
        pytest.param(("--combination", "shrt")),
        ("--trials", "0"),
    ],
)
def test_wrong_usage_is_2(run: Run, arguments: tuple[str, ...]) -> None:
    """Whatever pytest's own code for it."""
    assert run(*arguments) == 2


def test_wrong_input_is_2(run: Run, accepted: Bench) -> None:
    """A baseline that cannot be read: even where something is broken."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    accepted.house.baseline.write_text("{")
    assert run() == 2


def test_a_scenario_with_a_typo_is_2(run: Run, accepted: Bench) -> None:
    """It was not collected, so nothing ran."""
    accepted.house.edit("trials: 2", "trails: 2")
    assert run() == 2


def test_could_not_run_is_3(run: Run, accepted: Bench) -> None:
    """A recording that is missing."""
    accepted.house.cassette(2).unlink()
    assert run() == 3


@pytest.mark.thorough
def test_broken_before_could_not_run(run: Run, accepted: Bench) -> None:
    """What was measured and broken is the worse news."""
    text = accepted.house.scenario_file.read_text()
    accepted.house.write(text, "unrecorded.yaml")
    assert run() == 3
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    assert run() == 1


@pytest.mark.thorough
def test_a_worker_that_dies_is_3(
    run: Run, accepted: Bench, subject_module: Callable[[str], str]
) -> None:
    """A subject that takes its process down has not been measured."""
    dotted = subject_module(
        "import os\nasync def run(*_, **__): os._exit(9)\n"
        "from tiny import write\nrun.factors = write.factors\n"
    )
    accepted.house.edit("tiny.write", dotted)
    folder = accepted.house.path / "subjects"
    ini = accepted.house.path / "pytest.ini"
    ini.write_text(ini.read_text().replace("pythonpath = ", f"pythonpath = {folder} "))
    assert run("-n", "1", "--max-worker-restart", "0", "scenarios/tiny.yaml::none") == 3


def test_a_bug_in_the_harness_is_3(
    run: Run, accepted: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its traceback, and never as KEPT."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("flagbench.series.runner.summarise", broken)
    result = accepted()
    result.assert_outcomes(passed=1, errors=4)
    result.stdout.fnmatch_lines(["*ZeroDivisionError: a bug"])
    assert run() == 3
