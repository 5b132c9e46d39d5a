"""Effect sizes, which are independent of the unit, and adjusted p values."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


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
