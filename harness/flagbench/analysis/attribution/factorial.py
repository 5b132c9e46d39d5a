"""The arithmetic of a full two-level design.

Runs are rows of switches. Every function returns weights of shape (effects, runs): an effect is a
weighted sum of the outcomes, computed for each trial.
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
    """Half of the change in a flag's effect when another is switched on, in the order of `pairs`.

    Box, Hunter, Hunter: Statistics for Experimenters, 2nd ed. 2005, chapter 5.
    """
    signs = np.where(on, 1.0, -1.0)
    rows = [signs[:, i] * signs[:, j] for i, j in pairs(on.shape[1])]
    weights: Values = np.array(rows).reshape(len(rows), len(on)) / (len(on) / 2)
    return weights


def pairs(count: int) -> Iterator[tuple[int, int]]:
    """The column indexes of two flags, each pair once."""
    return combinations(range(count), 2)


def shapley_values(on: Switches) -> Values:
    """A flag's mean contribution over all orders in which the flags could be switched on.

    Each setting S without the flag is weighted by |S|! (k - |S| - 1)! / k!. The values of all flags
    add up to the outcome with all of them on minus the outcome with none. Shapley: A Value for
    n-Person Games, Contributions to the Theory of Games II, 1953.
    """
    count = on.shape[1]
    size = on.sum(axis=1)
    weights = np.empty((count, len(on)))
    share = [factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)]
    for flag in range(count):
        others = size - on[:, flag]
        weights[flag] = np.where(on[:, flag], 1.0, -1.0) * np.array([share[s] for s in others])
    return weights
