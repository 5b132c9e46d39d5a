"""Change points: levels of exact and of noisy values, against made data whose changes are known."""

import pytest
from change_point_study import shares

from flagbench.analysis.statistics.change_points import change_points


@pytest.mark.parametrize(
    ("values", "noise", "places"),
    [
        ([], 1.0, []),
        ([100.0], 1.0, []),
        ([100.0] * 6, 1.0, []),
        ([100.0, 100.4, 99.8, 100.2], 1.0, []),
        ([100.0] * 5 + [110.0] * 5, 1.0, [5]),
        ([100.0] * 3 + [113.0], 1.0, [3]),
        ([100.0, 113.0], 1.0, [1]),
        ([100.0] * 4 + [90.0] * 4 + [100.0] * 4, 1.0, [4, 8]),
        ([0.9] * 4 + [0.85] * 4, 0.005, [4]),
    ],
)
def test_levels_of_exact_values(values: list[float], noise: float, places: list[int]) -> None:
    """A level begins where the values say so; what is within the noise is none."""
    assert change_points(values, noise) == places


def test_many_small_steps_are_some_levels() -> None:
    """Steps that are within the noise add up, and the sum is not missed."""
    values = [100 * 1.009**step for step in range(20)]
    assert len(change_points(values, 1.0)) >= 3


def test_noise_alone_is_rarely_a_change_and_a_change_is_rarely_missed() -> None:
    """Of 40 values, at most 4 % have a false change, and 95 % a step of three spreads."""
    false, found = shares(40, 100)
    assert false <= 0.04
    assert found >= 0.95
