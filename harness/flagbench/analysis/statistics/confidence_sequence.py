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


def limits(
    values: Sequence[float], alpha: float = 1 - LEVEL, prior: float = PRIOR_VARIANCE
) -> tuple[float, float] | None:
    """The limits of the mean; None where the values exclude no mean, or do not vary.

    With the usual alpha and prior, four values exclude none.
    """
    count = len(values)
    if count < 2:
        return None
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    ratio = 1 + count * prior
    threshold = (ratio / alpha**2) ** (1 / count)
    if threshold >= ratio or math.sqrt(variance) <= 1e-9 * max(1.0, abs(mean)):
        return None
    # The t at which ((1 + t^2 / v) / (1 + t^2 / (v ratio)))^(count / 2) is sqrt(ratio) / alpha.
    t = math.sqrt((count - 1) * (threshold - 1) / (1 - threshold / ratio))
    reach = t * math.sqrt(variance / count)
    return mean - reach, mean + reach
