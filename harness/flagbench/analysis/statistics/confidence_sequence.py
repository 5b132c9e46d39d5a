"""Limits of a mean that hold at every number of values at once, so that one may stop at any time.

For Gaussian values of unknown variance: the Bayes factor of Gonen, Johnson, Lu, Westfall (The
Bayesian Two-Sample t Test, American Statistician 59, 2005) against a mean, with a Gaussian prior of
variance g on the effect size and the right Haar prior on the variance, is a test martingale (Lai:
On Confidence Sequences, Annals of Statistics 4, 1976; Wang, Ramdas: Anytime-Valid t-Tests and
Confidence Sequences for Gaussian Means with Unknown Variance, Sequential Analysis 44, 2025). By
Ville's inequality it ever exceeds 1 / alpha with a chance of at most alpha. The limits are the
means at which it does not.
"""

import math
from collections.abc import Sequence

from flagbench.analysis.statistics.intervals import LEVEL

# Variance of the prior on the effect size: an effect is about as large as a standard deviation.
PRIOR_VARIANCE = 1.0
_TOLERANCE = 1e-9


def limits(
    values: Sequence[float], alpha: float = 1 - LEVEL, prior: float = PRIOR_VARIANCE
) -> tuple[float, float] | None:
    """The limits of the mean; None where the values exclude no mean, or do not vary.

    With the usual alpha and prior, four values exclude none.
    """
    count = len(values)
    t = _reach(count, alpha, prior)
    if t is None:
        return None
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    if math.sqrt(variance) <= _TOLERANCE * max(1.0, abs(mean)):
        return None
    reach = t * math.sqrt(variance / count)
    return mean - reach, mean + reach


def ratio_limits(
    pairs: Sequence[tuple[float, float]], alpha: float = 1 - LEVEL, prior: float = PRIOR_VARIANCE
) -> tuple[float, float] | None:
    """The limits of mean(B) / mean(A) of pairs (A, B) with positive means.

    They are the ratios at which 0 is a limit of the mean of B - ratio * A (Fieller: Some Problems
    in Interval Estimation, J. Royal Statistical Society B 16, 1954). None where the pairs exclude
    no ratio, where all have the same, and where the mean of A may be 0.
    """
    count = len(pairs)
    t = _reach(count, alpha, prior)
    if t is None:
        return None
    mean_a, mean_b = (math.fsum(side) / count for side in zip(*pairs, strict=True))
    away = [(a / mean_a - 1, b / mean_b - 1) for a, b in pairs]
    if all(abs(b - a) <= _TOLERANCE for a, b in away):
        return None
    scale = t**2 / (count * (count - 1))
    aa, ab, bb = (
        scale * math.fsum(pair[left] * pair[right] for pair in away)
        for left, right in ((0, 0), (0, 1), (1, 1))
    )
    # 0 = (1 - aa) r^2 - 2 (1 - ab) r + (1 - bb), of r as a multiple of the measured ratio.
    if aa >= 1:
        return None
    root = math.sqrt(max(0.0, (1 - ab) ** 2 - (1 - aa) * (1 - bb)))
    low, high = ((1 - ab + sign * root) / (1 - aa) * mean_b / mean_a for sign in (-1, 1))
    return low, high


def _reach(count: int, alpha: float, prior: float) -> float | None:
    """The standard errors between a limit and the mean; None where so few values have no limit."""
    if count < 2:
        return None
    ratio = 1 + count * prior
    threshold = (ratio / alpha**2) ** (1 / count)
    if threshold >= ratio:
        return None
    # The t at which ((1 + t^2 / v) / (1 + t^2 / (v ratio)))^(count / 2) is sqrt(ratio) / alpha.
    return math.sqrt((count - 1) * (threshold - 1) / (1 - threshold / ratio))
