"""Sums and means of amounts, which are unknown as soon as one of the amounts is."""

import math
import statistics
from collections.abc import Iterable


def all_known(amounts: Iterable[float | None]) -> list[float] | None:
    """The amounts; None if one of them is unknown."""
    known = list[float]()
    for amount in amounts:
        if amount is None:
            return None
        known.append(amount)
    return known


def total(amounts: Iterable[float | None]) -> float | None:
    """The sum of amounts, 0 for none; None if one of them is unknown."""
    known = all_known(amounts)
    return None if known is None else math.fsum(known)


def mean(amounts: Iterable[float | None]) -> float | None:
    """The mean of amounts; None for none, and if one of them is unknown."""
    known = all_known(amounts)
    return statistics.fmean(known) if known else None
