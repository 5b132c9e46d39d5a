"""Effect sizes, which are independent of the unit, and adjusted p values."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

Values = npt.NDArray[np.float64]

_RESAMPLES = 10_000
_SEED = 42


def ranks(values: Values) -> Values:
    """Ranks from 1; ties get their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: Values = (last - (counts - 1) / 2).astype(np.float64)
    return mean[places]


def rank_biserial(differences: Values) -> float:
    """The matched-pairs rank-biserial correlation, from -1 (all fell) to 1 (all rose).

    The sum of the ranks of increases minus that of decreases, as a share of all ranks. Pairs
    without a difference are left out; 0 if there are no others. Kerby: The Simple Difference
    Formula, Comprehensive Psychology 3, 2014.
    """
    moved = differences[differences != 0]
    if not moved.size:
        return 0.0
    ranked = ranks(np.abs(moved))
    return float((ranked * np.sign(moved)).sum() / ranked.sum())


def cohens_h(rate_a: float, rate_b: float) -> float:
    """The difference b - a of two proportions on the arcsine scale, from -pi to pi.

    0.2 is small, 0.5 medium, 0.8 large. Cohen: Statistical Power Analysis, 2nd ed. 1988, ch. 6.
    """
    return 2 * math.asin(math.sqrt(rate_b)) - 2 * math.asin(math.sqrt(rate_a))


def cliffs_delta(first: Values, second: Values) -> float:
    """P(a value of the first group exceeds one of the second) minus P(it is below).

    Cliff: Dominance statistics, Psychological Bulletin 114, 1993.
    """
    return float(np.sign(first[:, None] - second[None, :]).mean())


def cliffs_delta_interval(
    first: Values, second: Values, *, level: float = 0.95, seed: int = _SEED
) -> tuple[float, float]:
    """A percentile bootstrap interval of Cliff's delta; both groups are resampled.

    Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapter 13. 10,000 resamples.
    """
    draw = np.random.default_rng(seed)
    dominance = np.sign(first[:, None] - second[None, :])
    deltas = np.empty(_RESAMPLES)
    for place in range(_RESAMPLES):
        left = np.bincount(draw.integers(0, first.size, first.size), minlength=first.size)
        right = np.bincount(draw.integers(0, second.size, second.size), minlength=second.size)
        deltas[place] = left @ dominance @ right
    deltas /= dominance.size
    tail = (1 - level) / 2
    low, high = np.quantile(deltas, [tail, 1 - tail])
    return float(low), float(high)


def kruskal_wallis(groups: Sequence[Values]) -> tuple[float, float]:
    """The statistic H, corrected for ties, and its p value from the chi-squared distribution.

    Kruskal, Wallis: Use of Ranks in One-Criterion Variance Analysis, JASA 47, 1952.
    Raises `ValueError` if all values are the same.
    """
    pooled = np.concatenate(groups)
    total = pooled.size
    _, ties = np.unique(pooled, return_counts=True)
    correction = 1 - float((ties.astype(float) ** 3 - ties).sum()) / (total**3 - total)
    if not correction:
        raise ValueError("all values are the same, so they cannot be ranked")
    ranked = np.split(ranks(pooled), np.cumsum([group.size for group in groups])[:-1])
    spread = sum(float(group.sum()) ** 2 / group.size for group in ranked)
    statistic = (12 / (total * (total + 1)) * spread - 3 * (total + 1)) / correction
    return statistic, float(special.chdtrc(len(groups) - 1, statistic))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p values, in the order given; None (not tested) is not counted.

    The i-th smallest of m is multiplied by m - i + 1, and none may be below the one before it.
    Holm: A Simple Sequentially Rejective Multiple Test Procedure, Scand. J. Statistics 6, 1979.
    """
    tested = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - rank) * p))
        adjusted[place] = highest
    return adjusted
