"""False answers of the gates are no more frequent than nominal: the study, smaller."""

import math
from dataclasses import replace

import pytest
from coverage_study import DESIGNS, Design, Outcome, simulate, table

from flagbench.analysis.statistics import intervals

_DESIGNS = [design for design in DESIGNS if not design.is_known_limit]

_SIMULATIONS = 60


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a limit, and twenty times as fast."""
    monkeypatch.setattr(intervals, "RESAMPLES", 399)


@pytest.mark.parametrize("design", _DESIGNS, ids=lambda design: f"{design.name}, {design.about}")
def test_false_answers_are_rare(design: Design) -> None:
    """Neither PASS beyond the bound nor FAIL within it, nor too many of either at it."""
    outcome = simulate(design, _SIMULATIONS, seed=7)
    assert outcome.is_within, list(table([outcome]))


def test_files_that_all_fail_are_noticed() -> None:
    """INCONCLUSIVE alone would be within every bound; 20 points are seen."""
    seen = [design for design in _DESIGNS if design.name.startswith("independent")]
    failed = [
        simulate(design, _SIMULATIONS, seed=7).failed for design in seen if design.truth < -0.1
    ]
    assert len(failed) == 2 and min(failed) > 0.5


def test_a_false_answer_is_the_one_that_the_truth_contradicts() -> None:
    """PASS beyond the bound, FAIL within it, and either at it."""
    design = next(one for one in DESIGNS if one.metric == "tokens")
    for truth, false in ((0.05, 0.3), (0.0, 0.2), (0.02, 0.3)):
        outcome = Outcome(replace(design, truth=truth), 1_000, math.nan, passed=0.3, failed=0.2)
        assert outcome.false == false
        assert not outcome.is_within
