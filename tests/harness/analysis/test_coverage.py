"""Intervals of 95 % cover the truth so often in data sets like ours.

`simulated.py` does the same for 2,000 data sets of every kind; here are fewer of the kinds that
matter most, with limits as wide as the chance of so few demands.
"""

import math

import numpy as np
import pytest
from simulated import KINDS, Kind, amounts, coverage, rate_coverage

from flagbench.analysis.statistics import intervals
from flagbench.analysis.statistics.intervals import About

DATA_SETS = 300
# 95 % within three binomial standard errors.
STRAYS = 3 * math.sqrt(0.95 * 0.05 / DATA_SETS)


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a limit, and ten times as fast."""
    monkeypatch.setattr(intervals, "RESAMPLES", 999)


@pytest.mark.parametrize("kind", KINDS[:6], ids=str)
def test_amounts_are_covered(kind: Kind) -> None:
    """Both the difference and the ratio."""
    for covered in coverage(kind, DATA_SETS, seed=1):
        assert covered == pytest.approx(0.95, abs=STRAYS)


def test_the_simulation_would_notice() -> None:
    """Intervals over the trials do not cover what is true of other scenarios."""
    about_scenarios = KINDS[0]
    assert about_scenarios.about is About.SCENARIOS
    narrow = Kind(about_scenarios.trials, About.TRIALS)
    covered = 0
    source = amounts(about_scenarios, np.random.default_rng(2))
    for _, one in zip(range(100), source, strict=False):
        found = intervals.log_ratio(one.groups, narrow.about)
        assert found.low is not None and found.high is not None
        covered += found.low <= one.log_ratio <= found.high
    assert covered < 80


def test_rates_are_covered_at_least() -> None:
    """Exact limits cover more often rather than less."""
    assert rate_coverage(8, 3, DATA_SETS, seed=1) > 0.95 - STRAYS
