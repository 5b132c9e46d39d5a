"""The arithmetic of a full two-level design.

Runs are rows of switches; every function returns weights of shape (effects, runs), so that an
effect is a weighted sum of outcomes, in each trial apart.
"""

from collections.abc import Iterator
from itertools import combinations
from math import factorial

import numpy as np

from flagbench.analysis.attribution.design_matrix import Switches, Values


def main_effects(on: Switches) -> Values:
    """The mean with a flag on minus the mean with it off, over all settings of the others.

    Box, Hunter, Hunter: Statistics for Experimenters, 2nd ed. 2005, chapter 5.
    """
    signs = np.where(on, 1.0, -1.0)
    weights: Values = signs.T / (len(on) / 2)
    return weights


def interactions(on: Switches) -> Values:
    """Half of how much more a flag does where another is on, for each pair in `pairs` order.

    Box, Hunter, Hunter: Statistics for Experimenters, 2nd ed. 2005, chapter 5.
    """
    signs = np.where(on, 1.0, -1.0)
    rows = [signs[:, i] * signs[:, j] for i, j in pairs(on.shape[1])]
    weights: Values = np.array(rows).reshape(len(rows), len(on)) / (len(on) / 2)
    return weights


def pairs(count: int) -> Iterator[tuple[int, int]]:
    """The places of two flags, each pair once."""
    return combinations(range(count), 2)


def shapley_values(on: Switches) -> Values:
    """A flag's mean contribution over all orders in which the flags could be switched on.

    Over the settings S without it, by |S|! (k - |S| - 1)! / k!. The values of all flags add up to
    the outcome with all of them on minus the one with none.
    Shapley: A Value for n-Person Games, Contributions to the Theory of Games II, 1953.
    """
    count = on.shape[1]
    size = on.sum(axis=1)
    weights = np.empty((count, len(on)))
    share = [factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)]
    for flag in range(count):
        others = size - on[:, flag]
        weights[flag] = np.where(on[:, flag], 1.0, -1.0) * np.array([share[s] for s in others])
    return weights
