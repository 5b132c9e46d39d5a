"""Power of a comparison: the smallest effect it shows, and the repetitions that an effect needs.

A repetition is a trial of every scenario, or a scenario, as the inference is about trials or
scenarios.
"""

import math

from scipy import special

from flagbench.analysis.statistics.intervals import LEVEL

# The share of comparisons that show an effect of the smallest size.
POWER = 0.80
_TAIL = (1 - LEVEL) / 2
_MOST = 100_000


def smallest_effect(low: float | None, high: float | None, freedom: float) -> float | None:
    """The distance from a bound at which 4 of 5 such comparisons lie wholly beyond the bound.

    The half width of the interval is Student's quantile times the standard error; the distance is
    the noncentrality at which Student's t exceeds that quantile with the power, times the same
    error. None without limits. Cohen: Statistical Power Analysis, 2nd ed. 1988, chapter 2.
    """
    if low is None or high is None or freedom <= 0:
        return None
    quantile = float(special.stdtrit(freedom, 1 - _TAIL))
    return (high - low) / 2 * _noncentrality(freedom) / quantile


def repetitions_needed(
    smallest: float | None,
    freedom: float,
    repetitions: int,
    effect: float,
    power: float = POWER,
) -> int | None:
    """The repetitions whose smallest effect is at most `effect`.

    `smallest` is that of `repetitions` with these degrees of freedom. The standard error falls with
    the square root of the repetitions. None if it is unknown or exceeds 100,000.
    """
    if smallest is None or effect <= 0 or repetitions < 2 or freedom <= 0:
        return None
    error = smallest / _noncentrality(freedom)

    def suffices(count: int) -> bool:
        scaled = freedom * (count - 1) / (repetitions - 1)
        return error * math.sqrt(repetitions / count) * _noncentrality(scaled, power) <= effect

    low, high = 1, 2
    while not suffices(high):
        low, high = high, 2 * high
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def chance_with(
    count: int, distance: float, smallest: float, freedom: float, repetitions: int
) -> float:
    """The chance that `count` repetitions show an effect so far beyond a bound.

    `smallest` is the smallest effect of `repetitions` with these degrees of freedom.
    """
    error = smallest / _noncentrality(freedom) * math.sqrt(repetitions / count)
    return chance_beyond(distance, error, freedom * (count - 1) / (repetitions - 1))


def unseen_share(repetitions: int) -> float:
    """The largest share of repetitions with a change that shows in none of them 1 time in 20."""
    return float(1 - (1 - LEVEL) ** (1 / repetitions))


def repetitions_without_change(share: float) -> int:
    """The repetitions without a change whose exact limits exclude changes in `share` of them."""
    return math.ceil(math.log(_TAIL) / math.log1p(-share))


def smallest_shown(error: float, freedom: float, power: float = POWER) -> float:
    """The distance that so many comparisons with this standard error show; see above."""
    return error * _noncentrality(freedom, power)


def chance_beyond(distance: float, error: float, freedom: float) -> float:
    """The chance that the whole interval lies beyond a bound, for an effect so far beyond it.

    A negative distance is that of an effect on the near side.
    """
    if error == 0:
        return float(distance > 0)
    quantile = float(special.stdtrit(freedom, 1 - _TAIL))
    below = float(special.nctdtr(freedom, distance / error, quantile))
    # The library has no number far beyond the bound, where the chance is 0 or 1.
    return float(distance > 0) if math.isnan(below) else 1 - below


def _noncentrality(freedom: float, power: float = POWER) -> float:
    quantile = special.stdtrit(freedom, 1 - _TAIL)
    return float(special.nctdtrinc(freedom, 1 - power, quantile))
