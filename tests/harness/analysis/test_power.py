"""The smallest effect that a comparison shows, and the repetitions that an effect needs."""

import math

import numpy as np
import pytest
from scipy import stats

from flagbench.analysis.statistics.power import (
    chance_beyond,
    repetitions_needed,
    repetitions_without_change,
    smallest_effect,
    unseen_share,
)


def smallest_of(deviation: float, trials: int) -> float:
    """The smallest effect of trials with this standard deviation."""
    half = float(stats.t.ppf(0.975, trials - 1)) * deviation / math.sqrt(trials)
    smallest = smallest_effect(-half, half, trials - 1)
    assert smallest is not None
    return smallest


@pytest.mark.parametrize("trials", [2, 3, 5, 12, 200])
def test_the_smallest_effect_is_shown_four_times_in_five(trials: int) -> None:
    """By the noncentral t of scipy."""
    noncentrality = smallest_of(10.0, trials) / (10.0 / math.sqrt(trials))
    beyond = stats.nct.sf(stats.t.ppf(0.975, trials - 1), trials - 1, noncentrality)
    assert beyond == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize("trials", [3, 5])
def test_simulated_effects_of_that_size_are_shown_four_times_in_five(trials: int) -> None:
    """Trials with normal noise, drawn 20,000 times."""
    draw = np.random.default_rng(4)
    drawn = draw.normal(smallest_of(10.0, trials), 10.0, (20_000, trials))
    t = drawn.mean(axis=1) / (drawn.std(axis=1, ddof=1) / math.sqrt(trials))
    assert (t > stats.t.ppf(0.975, trials - 1)).mean() == pytest.approx(0.8, abs=0.012)


@pytest.mark.parametrize(
    ("deviation", "effect", "expected"),
    [(0.06, 0.02, 147), (0.06, 0.05, 26), (0.10, 0.05, 68), (0.20, 0.10, 72)],
)
def test_the_trials_that_an_effect_needs(deviation: float, effect: float, expected: int) -> None:
    """As worked out by hand for two recordings with this deviation of log tokens."""
    smallest = smallest_of(deviation * math.sqrt(2), 5)
    needed = repetitions_needed(smallest, 4, 5, math.log1p(effect))
    assert needed == pytest.approx(expected, abs=3)


def test_what_cannot_be_planned_is_unknown() -> None:
    """No limits, no effect, a single repetition, or too many."""
    assert smallest_effect(None, None, 4) is None
    assert repetitions_needed(None, 4, 5, 0.1) is None
    assert repetitions_needed(1.0, 4, 5, 0.0) is None
    assert repetitions_needed(1.0, 0, 1, 0.1) is None
    assert repetitions_needed(1.0, 4, 5, 1e-9) is None


def test_what_was_not_seen() -> None:
    """Of three trials 63 %, of five 45 %; 122 without a change exclude 3 % of them."""
    assert [round(unseen_share(n), 2) for n in (3, 5)] == [0.63, 0.45]
    count = repetitions_without_change(0.03)
    assert 0.97**count <= 0.025 < 0.97 ** (count - 1)


@pytest.mark.parametrize(
    ("distance", "freedom", "chance"), [(-7.6, 1, 0.0), (-14.6, 1, 0.0), (40.0, 9, 1.0)]
)
def test_a_chance_far_from_the_bound_is_a_number(
    distance: float, freedom: int, chance: float
) -> None:
    """The distribution has none there: a table of gates showed it as such."""
    assert chance_beyond(distance, 1.0, freedom) == pytest.approx(chance, abs=1e-6)
