"""Accepting a measurement, and what is said of a baseline that does not fit."""

import json

import pytest
from bench import Bench


def edited(bench: Bench, change: str) -> None:
    """Change the baseline: `change` is Python on `series`, the file's dictionary of series."""
    document = json.loads(bench.house.baseline.read_text())
    exec(change, {"series": document["series"], "document": document})  # noqa: S102  our own text
    bench.house.baseline.write_text(json.dumps(document))


def test_the_first_acceptance(bench: Bench, tiny_baseline: str) -> None:
    """Written whole and said so; the next run is KEPT."""
    result = bench("--flagbench-accept-baselines")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*baselines/tiny.json: 4 series accepted for the first time"])
    assert bench.house.baseline.read_text() == tiny_baseline
    bench().assert_outcomes(passed=5)


@pytest.mark.thorough
def test_without_a_baseline_every_series_is_broken(bench: Bench) -> None:
    """And says how to accept it."""
    result = bench()
    result.assert_outcomes(passed=1, failed=4)
    result.stdout.fnmatch_lines([
        "BROKEN scenarios/tiny.yaml::short",
        "no measurement of this series was accepted yet",
        "    if this change is wanted: "
        "flagbench run scenarios/tiny.yaml::short --accept-baselines",
    ])  # fmt: skip


@pytest.mark.thorough
def test_accepting_the_same_again_changes_nothing(accepted: Bench) -> None:
    """Not a byte."""
    before = accepted.house.baseline.read_bytes()
    result = accepted("--flagbench-accept-baselines")
    result.stdout.fnmatch_lines(["*baselines/tiny.json: nothing changed"])
    assert accepted.house.baseline.read_bytes() == before


def test_accepting_says_what_changed(accepted: Bench) -> None:
    """A metric, a metric that is new, a series that is new, one that is gone."""
    edited(accepted, "series['none']['tokens']['value'] = 500; del series['none']['usd']")
    edited(accepted, "del series['short']; series['cache'] = series['all']")
    result = accepted("--flagbench-accept-baselines")
    result.stdout.fnmatch_lines([
        "*baselines/tiny.json: cache: no longer a series",
        "*baselines/tiny.json: none: tokens 500 -> 582",
        "*baselines/tiny.json: none: usd none -> 0.0001*",
        "*baselines/tiny.json: short: new",
    ])  # fmt: skip
    accepted().assert_outcomes(passed=5)


def test_accepting_keeps_a_tolerance_that_a_person_set(accepted: Bench) -> None:
    """Only the value moves."""
    edited(accepted, "series['none']['tokens'] = {'value': 500, 'relative': 0.5}")
    accepted("--flagbench-accept-baselines")
    document = json.loads(accepted.house.baseline.read_text())
    kept = {"value": 582.0, "relative": 0.5}
    assert document["series"]["none"]["tokens"] == {**kept, "first": 500.0, "steps": 1}


def test_drift_is_said_until_a_release_begins_again(accepted: Bench) -> None:
    """Three accepted steps from 500 tokens; the series itself is kept."""
    edited(accepted, "series['none']['tokens'] |= {'first': 500.0, 'steps': 3}")
    edited(accepted, "document['release'] = '1.0'")
    line = "none drifted: tokens +16.4% since release 1.0 (500 → 582), in 3 accepted steps"
    result = accepted()
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines([f"*{line}*"])
    assert line in (accepted.latest / "report.md").read_text()
    accepted("--flagbench-accept-baselines", "--flagbench-release=1.1")
    document = json.loads(accepted.house.baseline.read_text())
    assert document["release"] == "1.1"
    assert "first" not in document["series"]["none"]["tokens"]
    assert "drifted" not in accepted().stdout.str()
    assert accepted("--flagbench-release=1.2").ret != 0


def test_accepting_one_series_leaves_the_others(accepted: Bench) -> None:
    """Selected by its name."""
    edited(accepted, "series['none']['tokens']['value'] = series['short']['tokens']['value'] = 5")
    result = accepted("scenarios/tiny.yaml::short", "--flagbench-accept-baselines")
    result.stdout.fnmatch_lines(["*tiny.json: short: tokens 5 -> 102"])
    series = json.loads(accepted.house.baseline.read_text())["series"]
    assert series["none"]["tokens"]["value"] == 5


def test_a_combination_typed_by_hand_is_added(accepted: Bench) -> None:
    """To a scenario whose design lacks it; the others stay."""
    accepted.house.edit("trials: 2", "trials: 2\ndesign: named\ncombinations: [none, all]")
    edited(accepted, "del series['short'], series['parallel']")
    accepted("--flagbench-combination", "short", "--flagbench-accept-baselines")
    assert list(json.loads(accepted.house.baseline.read_text())["series"]) == [
        "all", "none", "short",
    ]  # fmt: skip


@pytest.mark.thorough
def test_accepting_works_in_workers(accepted: Bench) -> None:
    """The file is written once, where the results come together."""
    before = accepted.house.baseline.read_bytes()
    accepted.house.baseline.unlink()
    assert accepted("--flagbench-accept-baselines", "-n", "2").ret == 0
    assert accepted.house.baseline.read_bytes() == before


def test_what_could_not_run_is_not_accepted(accepted: Bench) -> None:
    """The old baseline stays, and why is said."""
    before = accepted.house.baseline.read_bytes()
    accepted.house.cassette(2).unlink()
    result = accepted("--flagbench-accept-baselines")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines([
        "*tiny.json: not accepted, none, short, parallel, all could not run"
    ])  # fmt: skip
    assert accepted.house.baseline.read_bytes() == before


def test_a_part_of_the_trials_is_not_accepted(accepted: Bench) -> None:
    """Its means are not the scenario's."""
    before = accepted.house.baseline.read_bytes()
    result = accepted("--flagbench-accept-baselines", "--flagbench-trials", "1")
    result.stdout.fnmatch_lines(["*not accepted, --trials measures only a part of the scenario"])
    assert accepted.house.baseline.read_bytes() == before


def test_a_broken_target_is_not_made_good_by_accepting(accepted: Bench) -> None:
    """A target is a promise of the scenario, not of the baseline."""
    accepted.house.edit('token_reduction: ">= 20 %"', 'token_reduction: ">= 99 %"')
    accepted("--flagbench-accept-baselines").assert_outcomes(passed=3, failed=1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"schema_version": 7}', "schema version 7 is unknown"),
        ("[]", "schema version None is unknown"),
        ('{"schema_version": 1, "series": ', "cannot be read: "),
        ('{"schema_version": 1}', "key 'scenario' is missing"),
    ],
)
def test_a_baseline_that_is_wrong_is_an_error(accepted: Bench, content: str, told: str) -> None:
    """Of every series, told without a traceback, with what mends it."""
    accepted.house.baseline.write_text(content)
    result = accepted()
    result.assert_outcomes(errors=5)
    text = result.stdout.str()
    assert f"WRONG INPUT\n{accepted.house.path}/baselines/tiny.json: {told}" in text
    assert "flagbench run --accept-baselines" in text
    assert "Traceback" not in text


def test_accepting_mends_a_baseline_that_is_wrong(accepted: Bench, tiny_baseline: str) -> None:
    """As the error says."""
    accepted.house.baseline.write_text("{")
    assert accepted("--flagbench-accept-baselines").ret == 0
    assert accepted.house.baseline.read_text() == tiny_baseline


@pytest.mark.parametrize("name", ["tiny.json", "tiny.steps.json", "tiny.files.xz"])
def test_accepting_a_part_loses_nothing_of_a_damaged_file(accepted: Bench, name: str) -> None:
    """What it holds of the other series may be mended by hand; a whole run replaces it."""
    file = accepted.house.baseline.with_name(name)
    file.write_bytes(file.read_bytes()[:-9])
    before = {path: path.read_bytes() for path in file.parent.iterdir()}
    result = accepted("--flagbench-accept-baselines", "--flagbench-combination", "all")
    result.stdout.fnmatch_lines([
        f"*{name}: not accepted, it cannot be read and only a part of the series was run"
    ])  # fmt: skip
    assert {path: path.read_bytes() for path in file.parent.iterdir()} == before
    result = accepted("--flagbench-accept-baselines")
    result.stdout.fnmatch_lines([f"*{name}: could not be read and was replaced"])
    result = accepted("--flagbench-accept-baselines")
    result.stdout.fnmatch_lines(["*baselines/tiny.json: nothing changed"])


def test_a_missing_series_is_broken(accepted: Bench) -> None:
    """One that the design has and the baseline has not."""
    edited(accepted, "del series['short']")
    result = accepted()
    result.assert_outcomes(passed=4, failed=1)
    assert accepted.verdicts()["short"] == "BROKEN"


def test_an_extra_series_is_broken(accepted: Bench) -> None:
    """One that the baseline has and the design has not: a renamed flag is noticed."""
    edited(accepted, "series['cache'] = series['all']; series['x'] = series['all']")
    result = accepted()
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines([
        "BROKEN scenarios/tiny.yaml::baseline",
        "the baseline has series that the scenario lacks: cache, x",
        "    if that is wanted: flagbench run scenarios/tiny.yaml --accept-baselines",
    ])  # fmt: skip


def test_an_extra_series_is_in_the_reports(accepted: Bench) -> None:
    """A CI job summary that says 4 KEPT beside a failed job misleads."""
    edited(accepted, "series['cache'] = series['all']")
    accepted()
    told = (accepted.latest / "report.md").read_text() + json.dumps(accepted.summary())
    assert "cache" in told


def test_a_metric_more_and_a_metric_less_are_broken(accepted: Bench) -> None:
    """On either side."""
    edited(accepted, "series['none']['cache_hit_rate'] = {'value': 1}; del series['all']['calls']")
    result = accepted()
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines([
        "cache_hit_rate was not measured, baseline: 1 ± 0",
        "calls is 3, baseline: no value accepted yet",
    ])  # fmt: skip


def test_a_part_of_another_provider_is_not_mixed_in(accepted: Bench) -> None:
    """One series of `openai` among three of `simulated`, under the name of the former."""
    folder = accepted.house.cassettes
    (folder / "openai" / "tiny").mkdir(parents=True)
    for trial in ("1", "2"):
        text = (folder / "simulated" / "tiny" / f"{trial}.yaml").read_text()
        text = text.replace("provider: simulated", "provider: openai").replace(
            "    settings: {}\n", ""
        )
        (folder / "openai" / "tiny" / f"{trial}.yaml").write_text(text)
    accepted(
        "scenarios/tiny.yaml::short",
        "--flagbench-provider",
        "openai",
        "--flagbench-accept-baselines",
    )
    document = json.loads(accepted.house.baseline.read_text())
    assert (document["provider"], len(document["series"])) in [("openai", 1), ("simulated", 4)]
