"""Series on one process: replayed, judged, and what is shared made once."""

import pytest
from house import House

from flagbench.cassette import file
from flagbench.errors import CouldNotRun, InputError
from flagbench.scenario.designs import parse
from flagbench.series.cell_runner import CellRunner


def outcome(house: House, combination: str, **overrides: object) -> str:
    """The verdict on a series."""
    options = house.options(**overrides)
    scenario = options.applied_to(house.scenario)
    runner = house.runner(**overrides)
    return runner.series(scenario, parse(combination, scenario.factors)).verdict.outcome


def test_a_series_has_its_trials_and_is_held_against_its_control(house: House) -> None:
    """Two cells, a summary with reductions, a verdict."""
    scenario = house.scenario
    series = house.runner().series(scenario, parse("all", scenario.factors))
    assert [one.measurement.trial for one in series.cells] == [1, 2]
    assert series.summary.metrics["token_reduction"] > 0.8
    assert series.cells[0].used == (3, 4, 5)


def test_cassettes_and_controls_are_made_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four series: two cassettes read, the control's two cells run once."""
    loaded, ran = [], []
    load, run = file.load, CellRunner.cell
    monkeypatch.setattr(
        file, "load", lambda path, **more: loaded.append(path) or load(path, **more)
    )
    monkeypatch.setattr(
        CellRunner, "cell", lambda self, *of: ran.append((of[1].id, of[2])) or run(self, *of)
    )
    scenario, runner = house.scenario, house.runner()
    for one in scenario.combinations:
        runner.series(scenario, one)
    assert [path.name for path in loaded] == ["1.yaml", "2.yaml"]
    assert ran == [(one.id, trial) for one in scenario.combinations for trial in (1, 2)]


def test_the_verdict_with_and_without_a_baseline(house: House) -> None:
    """Not accepted yet is BROKEN; accepted is KEPT; accepting judges by targets only."""
    assert outcome(house, "none") == "BROKEN"
    assert outcome(house, "none", accept_baselines=True) == "KEPT"
    house.accept()
    assert [outcome(house, one) for one in ("none", "short", "parallel", "all")] == ["KEPT"] * 4


def test_a_combination_typed_by_hand_needs_no_baseline(house: House) -> None:
    """But one that has a baseline is held against it."""
    assert outcome(house, "short", combinations=("short",)) == "KEPT"
    house.accept()
    house.baseline.write_text(
        house.baseline.read_text().replace('"value": 102.0', '"value": 103.5')
    )
    assert outcome(house, "short", combinations=("short",)) == "BROKEN"


def test_other_trials_are_not_held_against_the_baseline(house: House) -> None:
    """`--trials 1` measures another mean."""
    house.accept()
    assert outcome(house, "short", trials=1) == "KEPT"
    house.baseline.write_text(house.baseline.read_text().replace('"value": 102.0', '"value": 1.0'))
    assert outcome(house, "short", trials=1) == "KEPT"
    assert outcome(house, "short") == "BROKEN"


@pytest.mark.parametrize(
    ("old", "new"), [('"trials": 2', '"trials": 3'), ('"simulated"', '"openai"')]
)
def test_a_baseline_that_does_not_fit_the_scenario_is_told(
    house: House, old: str, new: str
) -> None:
    """`trials` was changed in the file: every series would pass unjudged for ever after."""
    house.accept()
    house.baseline.write_text(
        house.baseline.read_text().replace(old, new).replace('"value": 102.0', '"value": 1.0')
    )
    with pytest.raises((InputError, AssertionError)):
        assert outcome(house, "short") == "KEPT"


def test_a_missing_trial_could_not_run(house: House) -> None:
    """With the command that records it."""
    house.cassette(2).unlink()
    with pytest.raises(CouldNotRun, match=r"2\.yaml: this trial has no cassette"):
        outcome(house, "short")


def test_a_metric_that_is_gone_is_broken(house: House) -> None:
    """A baseline promises every metric it names."""
    house.accept()
    house.baseline.write_text(house.baseline.read_text().replace('"short_rate"', '"long_rate"'))
    scenario = house.scenario
    verdict = house.runner().series(scenario, scenario.control).verdict
    assert [str(one) for one in verdict.broken] == [
        "long_rate was not measured, baseline: 0 ± 0.005",
        "short_rate is 0, baseline: no value accepted yet",
    ]


def expected(house: House, combination: str = "short", **options: object) -> list[str] | None:
    """The metrics that the baseline expects; None where it says nothing."""
    scenario = house.scenario
    found = house.runner(**options).baselines.expected(
        scenario, parse(combination, scenario.factors)
    )
    return None if found is None else sorted(found)


def test_the_baseline_of_a_series_is_expected(house: House) -> None:
    """Every metric of it; nothing while baselines are being accepted."""
    house.accept()
    assert "tokens" in (expected(house) or [])
    assert expected(house, accept_baselines=True) is None


def test_a_series_that_was_never_accepted_lacks_everything(house: House) -> None:
    """Nothing of it is as expected, unless somebody asked for a combination of their own."""
    assert expected(house) == []
    assert expected(house, combinations=("short",)) is None


def test_other_recordings_than_those_accepted(house: House) -> None:
    """Of the scenario it is an error that says what to do; of an option it is a question apart."""
    house.accept()
    house.edit("trials: 2\n", "trials: 1\n")
    told = r"accepted with 2 trials of provider simulated, the scenario now says 1 of simulated"
    with pytest.raises(InputError, match=told) as caught:
        expected(house)
    assert "--accept-baselines" in str(caught.value)
    assert expected(house, trials=1) is None


def test_a_baseline_is_read_once(house: House) -> None:
    """What changes on disk after that does not count."""
    house.accept()
    runner = house.runner()
    first = runner.baselines.of(house.scenario)
    assert first is not None
    house.baseline.unlink()
    assert runner.baselines.of(house.scenario) is first
