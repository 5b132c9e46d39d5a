"""Series on one process: replayed, judged, and what is shared made once."""

import pytest
from house import House

from harness import tape_file
from harness.errors import CouldNotRun, InputError
from harness.matrix import parse
from harness.worker import Worker


def outcome(house: House, combination: str, **overrides: object) -> str:
    """The verdict on a series."""
    options = house.options(**overrides)
    scenario = options.applied_to(house.scenario)
    worker = house.worker(**overrides)
    return worker.series(scenario, parse(combination, scenario.factors)).verdict.outcome


def test_a_series_has_its_trials_and_is_held_against_its_control(house: House) -> None:
    """Two cells, a summary with reductions, a verdict."""
    scenario = house.scenario
    series = house.worker().series(scenario, parse("all", scenario.factors))
    assert [one.measurement.trial for one in series.cells] == [1, 2]
    assert series.summary.metrics["token_reduction"] > 0.8
    assert series.cells[0].used == (3, 4, 5)


def test_tapes_and_controls_are_made_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four series: two tapes read, the control's two cells run once."""
    loaded, ran = [], []
    load, run = tape_file.load, Worker._cell
    monkeypatch.setattr(
        tape_file, "load", lambda path, **more: loaded.append(path) or load(path, **more)
    )
    monkeypatch.setattr(
        Worker, "_cell", lambda self, *of: ran.append((of[1].id, of[2])) or run(self, *of)
    )
    scenario, worker = house.scenario, house.worker()
    for one in scenario.combinations:
        worker.series(scenario, one)
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
    verdict = house.worker().series(scenario, scenario.control).verdict
    assert [str(one) for one in verdict.broken] == [
        "long_rate was not measured, baseline: 0 ± 0.005",
        "short_rate is 0, baseline: no value accepted yet",
    ]
