"""Plans of comparisons, held against noncentral t values and a simulation."""

import math

import numpy as np
import pytest

from flagbench.analysis.statistics.planning import Spread, chances, smallest, spread, trials_needed


@pytest.mark.parametrize(
    ("deviation", "percent", "trials"),
    [(0.06, 2, 147), (0.06, 5, 26), (0.06, 10, 9), (0.10, 2, 403), (0.10, 5, 68), (0.10, 10, 20),
     (0.20, 5, 266), (0.20, 10, 72)],
)  # fmt: skip
def test_trials_needed_for_80_percent(deviation: float, percent: int, trials: int) -> None:
    """Within one trial of what an independent search over noncentral t found."""
    found = trials_needed(Spread(5, 1.0, deviation), math.log1p(percent / 100))
    assert found is not None
    assert abs(found - trials) <= 1


def test_the_smallest_effect_is_the_one_that_these_trials_show() -> None:
    """Each is the inverse of the other, for another power too."""
    for power in (0.5, 0.8, 0.95):
        seen = Spread(12, 1.0, 0.1)
        assert trials_needed(seen, smallest(seen, power) * 1.0001, power) == 12


def test_the_chances_of_a_gate_are_those_of_a_simulation() -> None:
    """Of 20,000 comparisons of five trials, on the log scale."""
    seen, draw = Spread(5, 1.0, 0.1), np.random.default_rng(7)
    bound, effect = math.log1p(0.02), math.log1p(0.25)
    sides = draw.normal(0, 0.1, (20_000, 2, 5))
    apart = sides[:, 1] - sides[:, 0] + effect
    reach = 2.7764 * apart.std(axis=1, ddof=1) / math.sqrt(5)
    fails = (apart.mean(axis=1) - reach > bound).mean()
    assert chances(seen, effect, bound)[0] == pytest.approx(fails, abs=0.015)


@pytest.mark.parametrize("values", [[1.0], [0.0, 1.0]])
def test_no_spread_is_not_a_spread_of_zero(values: list[float]) -> None:
    """One trial shows none, and 0 has no share."""
    assert spread(values, is_percent=True) is None


@pytest.mark.parametrize("is_percent", [True, False])
def test_trials_that_agree_have_no_spread_of_rounding_errors(is_percent: bool) -> None:
    """Equal values may have been added up in another order."""
    seen = spread([0.1 + 0.2, 0.3, 0.3], is_percent=is_percent)
    assert seen is not None and seen.deviation == 0.0
