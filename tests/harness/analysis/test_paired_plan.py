"""A plan of two sides that meet the same luck: the variance is the one that `compare` uses."""

import math
from dataclasses import replace

import numpy as np
import pytest

from flagbench.analysis.statistics import intervals, planning
from flagbench.analysis.statistics.intervals import About, Values
from flagbench.analysis.statistics.planning import Spread

# A trial's luck, which both sides meet, and that of each side on its own, on the log scale.
_COMMON, _OWN = 0.30, 0.04


def luck(trials: int, effect: float, draw: np.random.Generator) -> Values:
    """Amounts of both sides in so many trials; shape (trials, 2)."""
    common = draw.normal(0, _COMMON, (trials, 1))
    own = draw.normal(0, _OWN, (trials, 2))
    return 1_000 * np.exp(common + own + [0.0, effect])


def test_luck_that_both_sides_share_needs_no_trials() -> None:
    """On their own they need many; a constant ratio needs two. The error is that of differences."""
    a, b = [100.0, 150.0, 200.0], [90.0, 135.0, 180.0]
    alone = planning.spread(b, is_percent=True)
    same = planning.spread_of_pairs(np.array([a, b]).T, is_percent=True)
    assert alone and same
    effect = math.log(1.05)
    assert planning.trials_needed(alone, effect) > 100  # type: ignore[operator]
    assert same.deviation == pytest.approx(0, abs=1e-12)
    values = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])
    differing = planning.spread_of_pairs(values, is_percent=False)
    assert differing
    assert differing.error(3) == pytest.approx(1 / math.sqrt(3))


@pytest.mark.parametrize("is_percent", [True, False])
def test_the_error_is_that_of_the_interval_of_compare(*, is_percent: bool) -> None:
    """Of the same trials: half of Student's interval is its quantile times the error.

    That of a ratio of few trials is the jackknife's, which is a little larger.
    """
    values = luck(4, 0.1, np.random.default_rng(3))
    seen = planning.spread_of_pairs(values, is_percent=is_percent)
    assert seen
    ratio_or_difference = intervals.log_ratio if is_percent else intervals.difference
    error = math.sqrt(float(intervals.effect_variance(values[None], is_log=is_percent)[0]))
    assert seen.error(4) == pytest.approx(error)
    found = ratio_or_difference([values], About.TRIALS)
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(
        3.1824 * error, rel=0.1 if is_percent else 1e-4
    )


@pytest.mark.thorough
@pytest.mark.parametrize(("effect", "bound"), [(0.06, 0.02), (0.02, 0.02), (0.12, 0.02)])
def test_the_chances_are_those_of_simulated_comparisons(effect: float, bound: float) -> None:
    """`compare` judges 600 pairs of recordings of ten trials; a plan without pairs is far off."""
    draw = np.random.default_rng(11)
    effect, bound = math.log1p(effect), math.log1p(bound)
    found = [intervals.log_ratio([luck(10, effect, draw)], About.TRIALS) for _ in range(600)]
    fails = sum(each.low is not None and each.low > bound for each in found) / len(found)
    pilot = luck(4_000, 0.0, draw)
    same = planning.spread_of_pairs(pilot, is_percent=True)
    alone = planning.spread(pilot[:, 1].tolist(), is_percent=True)
    assert same and alone
    planned = planning.chances(_of_ten(same), effect, bound)[0]
    assert planned == pytest.approx(fails, abs=0.06)
    if effect > bound:
        assert planned > 3 * planning.chances(_of_ten(alone), effect, bound)[0]


def _of_ten(seen: Spread) -> Spread:
    return replace(seen, trials=10)


@pytest.mark.parametrize("values", [[[1.0, 1.0]], [[1.0, 1.0], [0.0, 1.0]]])
def test_what_shows_no_differences_is_not_known(values: list[list[float]]) -> None:
    """One trial, or a share of 0."""
    assert planning.spread_of_pairs(np.array(values), is_percent=True) is None
