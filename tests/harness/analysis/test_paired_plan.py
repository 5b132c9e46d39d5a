"""A plan of two sides that meet the same luck."""

import math

import pytest

from flagbench.analysis.statistics import planning


def test_luck_that_both_sides_share_needs_no_trials() -> None:
    """On their own they need many; a constant ratio needs two. The error is that of differences."""
    a, b = [100.0, 150.0, 200.0], [90.0, 135.0, 180.0]
    alone = planning.spread(b, is_percent=True)
    same = planning.spread_of_pairs(a, b, is_percent=True)
    assert alone and same
    effect = math.log(1.05)
    assert planning.trials_needed(alone, effect) > 100  # type: ignore[operator]
    assert same.deviation == pytest.approx(0, abs=1e-12)
    differing = planning.spread_of_pairs([1.0, 2.0, 3.0], [2.0, 2.0, 5.0], is_percent=False)
    assert differing
    assert differing.error(3) == pytest.approx(1 / math.sqrt(3))


@pytest.mark.parametrize(
    ("a", "b"), [([1.0], [1.0]), ([1.0, 0.0], [1.0, 1.0]), ([1.0, 2.0], [1.0])]
)
def test_what_shows_no_differences_is_not_known(a: list[float], b: list[float]) -> None:
    """One trial, a share of 0, or trials without a partner."""
    assert planning.spread_of_pairs(a, b, is_percent=True) is None
