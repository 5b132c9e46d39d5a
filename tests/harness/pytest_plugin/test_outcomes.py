"""KEPT passes, BROKEN fails, COULD NOT RUN is an error: with pytest's own exit codes and flags."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from bench import Bench


def test_kept_is_a_pass(accepted: Bench) -> None:
    """Every series and the baseline's keys."""
    result = accepted()
    result.assert_outcomes(passed=5)
    assert result.ret == 0
    assert set(accepted.verdicts().values()) == {"KEPT"}


def test_items_are_named_by_their_combination(accepted: Bench) -> None:
    """A name that can be typed, in the order of the design."""
    result = accepted("--collect-only", "-q")
    result.stdout.fnmatch_lines([
        "scenarios/tiny.yaml::none",
        "scenarios/tiny.yaml::short",
        "scenarios/tiny.yaml::parallel",
        "scenarios/tiny.yaml::all",
        "scenarios/tiny.yaml::baseline",
    ])  # fmt: skip
    assert result.ret == 0


def test_broken_is_a_failure_without_a_traceback(accepted: Bench) -> None:
    """A target of `all` that is out of reach."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    result = accepted()
    result.assert_outcomes(passed=4, failed=1)
    assert result.ret == 1
    text = result.stdout.str()
    assert (
        "BROKEN scenarios/tiny.yaml::all\n"
        "token_reduction is 0.824742, target: >= 99 %\n"
        "    if this change is wanted: "
        "flagbench run scenarios/tiny.yaml::all --accept-baselines\n"
    ) in text
    assert "Traceback" not in text
    assert "items.py:" not in text
    assert "verdict.py:" not in text
    assert accepted.verdicts()["all"] == "BROKEN"


def test_a_changed_metric_is_broken(accepted: Bench) -> None:
    """Beyond its tolerance, with what was accepted."""
    text = accepted.house.baseline.read_text()
    accepted.house.baseline.write_text(text.replace('"value": 102.0', '"value": 90.0', 1))
    result = accepted()
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["*is 102, baseline: 90 ± 0.9"])


def test_a_tolerance_that_a_person_widened_counts(accepted: Bench) -> None:
    """The same change passes."""
    text = accepted.house.baseline.read_text()
    new = text.replace(
        '"value": 102.0,\n    "relative": 0.01', '"value": 90.0,\n    "relative": 0.2'
    )
    assert new != text
    accepted.house.baseline.write_text(new)
    accepted().assert_outcomes(passed=5)


def test_could_not_run_is_an_error(accepted: Bench) -> None:
    """Scenario, series, trial, nearest request, JSON path, words and command: without traceback."""
    accepted.house.edit("a function that says hello", "a function that says goodbye")
    result = accepted()
    result.assert_outcomes(passed=1, errors=4)
    assert result.ret == 1
    text = result.stdout.str()
    assert "COULD NOT RUN\nscenarios/tiny.yaml::none trial 1 (" in text
    assert "cassettes/simulated/tiny/1.yaml): POST /v1/chat/completions is not recorded" in text
    assert "$.messages[0].content line 1: after " in text
    assert "fix: flagbench record scenarios/tiny.yaml" in text
    assert "Traceback" not in text
    assert set(accepted.verdicts().values()) == {"COULD NOT RUN"}
    reason = accepted.summary()["scenarios"]["tiny"]["series"]["none"]["reason"]
    assert reason.startswith("scenarios/tiny.yaml::none trial 1 (")


def test_what_could_not_run_is_no_bad_measurement(accepted: Bench) -> None:
    """It has no metrics and is not held against a baseline."""
    accepted.house.cassette(2).unlink()
    accepted().assert_outcomes(passed=1, errors=4)
    series = accepted.summary()["scenarios"]["tiny"]["series"]["all"]
    assert (series["metrics"], series["broken"]) == ({}, [])
    assert "this trial has no cassette" in series["reason"]


def test_without_cassettes_every_series_could_not_run(bench: Bench) -> None:
    """And the command that records them is told."""
    for one in bench.house.cassettes.rglob("*.yaml"):
        one.unlink()
    result = bench()
    result.assert_outcomes(passed=1, errors=4)
    result.stdout.fnmatch_lines(["*fix: flagbench record scenarios/tiny.yaml"])


def test_selecting_by_name(accepted: Bench) -> None:
    """`-k` as ever; the control is replayed all the same, to be held against."""
    result = accepted("-k", "short")
    result.assert_outcomes(passed=1, deselected=4)
    assert accepted.verdicts() == {"short": "KEPT"}
    metrics = accepted.summary()["scenarios"]["tiny"]["series"]["short"]["metrics"]
    assert metrics["token_reduction"] == 0.824742


@pytest.mark.thorough
def test_selecting_by_marker(accepted: Bench) -> None:
    """`-m series` leaves the baseline's keys out; a scenario's own marks select it."""
    accepted("-m", "series").assert_outcomes(passed=4, deselected=1)
    accepted("-m", "not series").assert_outcomes(passed=1, deselected=4)
    accepted.house.edit("trials: 2", "trials: 2\nmarks: [nightly]")
    accepted("-m", "nightly", "--strict-markers").assert_outcomes(passed=4, deselected=1)


def test_selecting_by_node_id(accepted: Bench) -> None:
    """A series as it is named."""
    accepted("scenarios/tiny.yaml::parallel").assert_outcomes(passed=1)
    assert accepted("scenarios/tiny.yaml::nothing").ret == 4


def test_stopping_at_the_first(accepted: Bench) -> None:
    """`-x`: what was measured until then is reported, and what was not."""
    accepted.house.edit('  all:\n    token_reduction: ">= 20 %"', '  short:\n    tokens: "< 1"')
    result = accepted("-x")
    result.assert_outcomes(passed=1, failed=1)
    assert accepted.verdicts() == {
        "none": "KEPT", "short": "BROKEN", "parallel": "COULD NOT RUN", "all": "COULD NOT RUN",
    }  # fmt: skip


@pytest.mark.thorough
def test_the_last_failed_again(accepted: Bench) -> None:
    """`--lf` runs what was broken or could not run."""
    ini = accepted.house.path / "pytest.ini"
    ini.write_text(ini.read_text().replace("-p no:cacheprovider", ""))
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    accepted().assert_outcomes(passed=4, failed=1)
    accepted("--lf").assert_outcomes(failed=1)
    accepted.house.edit('token_reduction: ">= 99 %"', 'token_reduction: ">= 20 %"')
    accepted("--lf").assert_outcomes(passed=1)


def test_properties_in_junit_xml(accepted: Bench) -> None:
    """The verdict and every metric, for a CI that draws them."""
    accepted("--junitxml=junit.xml", "scenarios/tiny.yaml::all")
    root = ET.parse(accepted.house.path / "junit.xml").getroot()  # noqa: S314  our own file
    (case,) = root.iter("testcase")
    properties = {one.get("name"): one.get("value") for one in case.iter("property")}
    metrics = accepted.summary()["scenarios"]["tiny"]["series"]["all"]["metrics"]
    assert properties == {"verdict": "KEPT", **{name: str(one) for name, one in metrics.items()}}
    assert case.get("name") == "all"


@pytest.mark.thorough
def test_junit_xml_tells_failures_from_errors(accepted: Bench) -> None:
    """BROKEN is a failure there, COULD NOT RUN an error."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    accepted("--junitxml=junit.xml")
    suite = ET.parse(accepted.house.path / "junit.xml").getroot()[0]  # noqa: S314
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")
    accepted.house.cassette(2).unlink()
    accepted("--junitxml=junit.xml")
    suite = ET.parse(accepted.house.path / "junit.xml").getroot()[0]  # noqa: S314
    assert (suite.get("failures"), suite.get("errors")) == ("0", "4")


@pytest.mark.thorough
def test_one_combination_typed_by_hand(accepted: Bench) -> None:
    """In any order of its flags, several of them; no baseline's keys are checked then."""
    accepted("--flagbench-combination", "parallel+short").assert_outcomes(passed=1)
    assert accepted.verdicts() == {"all": "KEPT"}
    accepted(
        "--flagbench-combination", "short", "--flagbench-combination", "default"
    ).assert_outcomes(passed=2)
    assert list(accepted.verdicts()) == ["none", "short"]


def test_an_unknown_combination_is_told_at_collection(accepted: Bench) -> None:
    """With the nearest flag."""
    result = accepted("--flagbench-combination", "shrt")
    result.assert_outcomes(errors=1)
    assert result.ret == 2
    result.stdout.fnmatch_lines([
        "WRONG INPUT",
        "combination, for scenarios/tiny.yaml: unknown flag 'shrt'",
        "    expected: 'short'",
    ])  # fmt: skip


def test_another_design(accepted: Bench) -> None:
    """Instead of the scenario's own."""
    accepted("--flagbench-design", "leave-one-out").assert_outcomes(passed=3)
    assert sorted(accepted.verdicts()) == ["all", "parallel", "short"]
    result = accepted("--flagbench-design", "ful")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*invalid choice: 'ful'*"])


def test_fewer_trials(accepted: Bench) -> None:
    """One cell a series, and no baseline that was accepted of two."""
    accepted("--flagbench-trials", "1").assert_outcomes(passed=5)
    assert len((accepted.latest / "cells.jsonl").read_text().splitlines()) == 4


def test_no_trials_are_wrong_usage(accepted: Bench) -> None:
    """As pytest has it for its own options: one line and exit code 4."""
    result = accepted("--flagbench-trials", "0")
    assert result.ret == 4
    assert "plugin.py" not in result.stdout.str()


def test_more_trials_than_recorded_could_not_run(accepted: Bench) -> None:
    """The third has no cassette."""
    accepted("--flagbench-trials", "3").assert_outcomes(passed=1, errors=4)


@pytest.mark.thorough
def test_folders_may_lie_elsewhere(bench: Bench, tmp_path: Path) -> None:
    """Cassettes, baselines and reports, each by its option."""
    (bench.house.path / "cassettes").rename(tmp_path / "recorded")
    options = [
        f"--flagbench-cassettes={tmp_path / 'recorded'}", f"--flagbench-baselines={tmp_path / 'b'}",
        f"--flagbench-reports={tmp_path / 'r'}",
    ]  # fmt: skip
    assert bench(*options, "--flagbench-accept-baselines").ret == 0
    assert bench(*options).ret == 0
    assert (tmp_path / "b" / "tiny.json").exists()
    assert (tmp_path / "r" / "latest" / "report.md").exists()
    assert not (bench.house.path / "reports").exists()


def test_another_provider(accepted: Bench) -> None:
    """Its cassettes are looked for in its folder."""
    result = accepted("--flagbench-provider", "openai", "-k", "short")
    result.assert_outcomes(errors=1, deselected=4)
    result.stdout.fnmatch_lines([
        "*cassettes/openai/tiny/1.yaml: this trial has no cassette",
        "*flagbench record scenarios/tiny.yaml --provider openai --base-url URL",
    ])  # fmt: skip


@pytest.mark.parametrize("workers", ["0", "2"])
def test_broken_and_could_not_run_are_told_apart_in_workers(accepted: Bench, workers: str) -> None:
    """The reports travel whole: the same words with `-n 2` as without."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    cassette = accepted.house.cassette(2)
    cassette.write_text(cassette.read_text().replace("says hello", "says hullo"))
    result = accepted("-n", workers)
    result.assert_outcomes(passed=1, errors=4)
    result.stdout.fnmatch_lines(
        ["*2.yaml:*: interaction 2 was edited by hand (its digest differs)"]
    )
    assert set(accepted.verdicts().values()) == {"COULD NOT RUN"}


@pytest.mark.thorough
def test_scenarios_are_found_in_their_folder_and_by_name_only(accepted: Bench) -> None:
    """A YAML file elsewhere is none, unless the command line says so; claims never are."""
    folder = accepted.house.path
    (folder / "other").mkdir()
    (folder / "other" / "tiny.yaml").write_text(accepted.house.scenario_file.read_text())
    (folder / "scenarios" / "claims.yaml").write_text("nothing: a scenario has\n")
    (folder / "config.yaml").write_text("a: b\n")
    assert accepted("--collect-only", "-q", ".", "scenarios").ret == 0
    accepted(".", "--ignore=other", "scenarios").assert_outcomes(passed=5)
    named = accepted._pytester.runpytest_inprocess("other/tiny.yaml", "--collect-only", "-q")
    named.stdout.fnmatch_lines(["other/tiny.yaml::none"])


def test_wrong_scenarios_are_told_without_a_traceback(accepted: Bench) -> None:
    """All their problems at once; the other scenario is not run, as pytest has it."""
    accepted.house.write(
        "titel: x\nabout: y\nsubject: tiny.write\nrequests: [x]\ntrails: 3\n", "wrong.yaml"
    )
    result = accepted()
    result.assert_outcomes(errors=1)
    assert result.ret == 2
    text = result.stdout.str()
    assert (
        "WRONG INPUT\n"
        "scenarios/wrong.yaml:1: unknown key 'titel'\n"
        "    expected: title\n"
        "scenarios/wrong.yaml:5: unknown key 'trails'\n"
        "    expected: trials\n"
    ) in text
    assert "Traceback" not in text


@pytest.mark.thorough
def test_a_path_with_blanks_and_letters(bench: Bench) -> None:
    """In the file's name and in its texts."""
    from scripted_provider import scripted_provider

    text = bench.house.scenario_file.read_text().replace("says hello", "diz olá — 学生")
    bench.house.scenario_file.unlink()
    bench.house.write(text, "criação de você.yaml")
    from flagbench.scenario import loading

    with scripted_provider() as provider:
        one = loading.load(bench.house.path / "scenarios" / "criação de você.yaml")
        bench.house.record(provider.base_url, scenario=one)
    assert bench("--flagbench-accept-baselines").ret == 0
    assert bench("scenarios/criação de você.yaml::all").ret == 0
    report = (bench.latest / "report.md").read_text()
    assert "| `criação de você` | 1 KEPT |" in report


def test_other_peoples_tests_keep_their_tracebacks(accepted: Bench) -> None:
    """The plugin is loaded wherever it is installed."""
    (accepted.house.path / "test_other.py").write_text(
        "from flagbench.errors import CouldNotRun, Problem\n"
        "def test_mine():\n    raise CouldNotRun(Problem('x'))\n"
    )
    result = accepted._pytester.runpytest_inprocess("test_other.py")
    result.stdout.fnmatch_lines(["test_other.py:3: *"])


def test_no_traceback_is_made_of_an_expected_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees it, and pytest would parse the file of each of its frames."""
    for cassette in bench.house.cassettes.rglob("*.yaml"):
        cassette.unlink()
    monkeypatch.setattr(pytest.ExceptionInfo, "getrepr", None)
    result = bench()
    result.assert_outcomes(errors=4, passed=1)
    result.stdout.fnmatch_lines(["COULD NOT RUN", "*this trial has no cassette*"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("nonee", "none"), ("shrt", "short"), ("xyz", "none, short, parallel, all, baseline")],
)
def test_a_name_that_no_series_has_is_told(accepted: Bench, asked: str, expected: str) -> None:
    """With the nearest one, or all; nothing is run."""
    result = accepted(f"scenarios/tiny.yaml::{asked}", "scenarios/tiny.yaml::none")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [
            f"scenarios/tiny.yaml: no series '{asked}'",
            f"    expected: {expected}",
            "    fix: flagbench run scenarios/tiny.yaml --collect-only -q",
        ]
    )


def test_names_of_series_may_be_asked_for_together(accepted: Bench) -> None:
    """By a path from here, an absolute one, and the file as well."""
    file = accepted.house.path / "scenarios" / "tiny.yaml"
    accepted("scenarios/tiny.yaml::none", f"{file}::baseline").assert_outcomes(passed=2)
