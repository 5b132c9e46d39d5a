"""Plan of a comparison of two recordings, from the spread of stored trials of one of them.

A changed prompt is recorded again, so that both sides vary: the standard error of the difference of
n paired trials is the root of two times the spread of one side, over the root of n. On the log
scale, a difference is a ratio.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flagbench.analysis.statistics import intervals, power
from flagbench.analysis.statistics.intervals import Values


@dataclass(frozen=True, slots=True)
class Spread:
    """The standard deviation of a metric between `trials` of one series, and its mean.

    `deviation` is of the logarithm for an effect in %, else in the metric's unit. One of 0 is that
    of trials which agree: they say nothing of others, and nothing can be planned by them.
    """

    trials: int
    mean: float
    deviation: float

    def error(self, trials: int) -> float:
        """The standard error of the difference of two recordings with so many trials."""
        return self.deviation * math.sqrt(2 / trials)


def spread(values: Sequence[float], *, is_percent: bool) -> Spread | None:
    """The spread of two or more trials; None for fewer, and for a share of what may be 0."""
    if len(values) < 2 or (is_percent and min(values) <= 0):
        return None
    of = np.log(values) if is_percent else np.array(values, dtype=np.float64)
    mean, deviation = float(np.mean(values)), float(of.std(ddof=1))
    return Spread(len(values), mean, _without_rounding(deviation, 1.0 if is_percent else mean))


def spread_of_pairs(values: Values, *, is_percent: bool) -> Spread | None:
    """The spread of two sides that meet the same luck, from their differences trial by trial.

    `values` are those of A and B; shape (trials, 2). The deviation is that of two sides on their
    own whose difference would vary as much, so that the error is the one of `intervals`; the mean
    is that of A. None as for `spread`.
    """
    if len(values) < 2 or (is_percent and (values <= 0).any()):
        return None
    variance = float(intervals.effect_variance(values[None], is_log=is_percent)[0])
    mean, deviation = float(values[:, 0].mean()), math.sqrt(variance * len(values) / 2)
    return Spread(len(values), mean, _without_rounding(deviation, 1.0 if is_percent else mean))


def _without_rounding(deviation: float, scale: float) -> float:
    """The deviation, 0 for one that is but the rounding error of floats."""
    return 0.0 if deviation <= intervals.TOLERANCE * abs(scale) else deviation


def smallest(seen: Spread, power_: float = power.POWER) -> float:
    """The smallest effect that as many trials as there are show with this power."""
    return power.smallest_shown(seen.error(seen.trials), seen.trials - 1, power_)


def trials_needed(seen: Spread, effect: float, power_: float = power.POWER) -> int | None:
    """The trials that show an effect with this power; None if they are more than 100,000."""
    shown = power.smallest_shown(seen.error(seen.trials), seen.trials - 1)
    return power.repetitions_needed(shown, seen.trials - 1, seen.trials, abs(effect), power_)


def chances(
    seen: Spread, effect: float, bound: float, trials: int | None = None
) -> tuple[float, float]:
    """The chances that a gate above `bound` says FAIL, and PASS, if the effect were this.

    `trials` are those of each recording; None is as many as were seen.
    """
    count = trials or seen.trials
    error, freedom = seen.error(count), count - 1
    return (
        power.chance_beyond(effect - bound, error, freedom),
        power.chance_beyond(bound - effect, error, freedom),
    )
