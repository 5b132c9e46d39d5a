"""Least squares for a fractional design, and the effects it confounds with each other.

With columns X1 for the effects that are estimated and X2 for those assumed to be zero, the bias of
an estimate is A times the latter, A = (X1'X1)^-1 X1'X2, the alias matrix. Box, Wilson: On the
Experimental Attainment of Optimum Conditions, J. Royal Statistical Society B 13, 1951; Myers,
Montgomery, Anderson-Cook: Response Surface Methodology, 4th ed. 2016, section 8.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from flagbench.analysis.attribution.design_matrix import Switches, Values

Term = tuple[str, ...]
_TOLERANCE = 1e-9
# Interactions of more flags are counted as zero when a design has many.
_MANY_FLAGS = 10
_HIGHEST_ORDER = 3


@dataclass(frozen=True, slots=True)
class Model:
    """A least-squares model; `weights` has the shape (terms, runs).

    `aliases` lists, for every term, the effects its estimate is confounded with, those of the
    fewest flags first, each with its factor. `lost` are the main effects and two-flag interactions
    that are not estimated.
    """

    terms: tuple[Term, ...]
    weights: Values
    aliases: tuple[tuple[tuple[Term, float], ...], ...]
    lost: tuple[Term, ...]


def fit(on: Switches, flags: Sequence[str]) -> Model:
    """Fit main effects and, as far as the runs separate them, two-flag interactions.

    If the runs cannot separate all two-flag interactions from each other, none is estimated: any
    choice of those assumed to be zero would be arbitrary.
    """
    main = [(flag,) for flag in flags]
    twofold = list(combinations(flags, 2))
    chosen: list[Term] = []
    for candidates in (main + twofold, main):
        if _rank(_columns(on, flags, [(), *candidates])) == len(candidates) + 1:
            chosen = list(candidates)
            break
    else:
        chosen = _independent(on, flags, main)
    terms: list[Term] = [(), *chosen]
    inverse: Values = np.linalg.pinv(_columns(on, flags, terms)).astype(np.float64)
    others = [term for term in _all_terms(flags) if term not in terms]
    mixed = inverse @ _columns(on, flags, others) if others else np.empty((len(terms), 0))
    return Model(
        terms=tuple(chosen),
        # An effect is the difference between on and off, twice the coefficient of -1 and 1.
        weights=2 * inverse[1:],
        aliases=tuple(
            tuple(
                (term, round(float(factor), 6))
                for term, factor in zip(others, row, strict=True)
                if abs(factor) > _TOLERANCE
            )
            for row in mixed[1:]
        ),
        lost=tuple(term for term in (*main, *twofold) if term not in chosen),
    )


def _independent(on: Switches, flags: Sequence[str], candidates: Sequence[Term]) -> list[Term]:
    """The terms whose column is linearly independent of those before it."""
    chosen: list[Term] = []
    for term in candidates:
        if _rank(_columns(on, flags, [(), *chosen, term])) == len(chosen) + 2:
            chosen.append(term)
    return chosen


def _rank(columns: Values) -> int:
    return int(np.linalg.matrix_rank(columns))


def _all_terms(flags: Sequence[str]) -> list[Term]:
    """All effects, those of the fewest flags first."""
    highest = len(flags) if len(flags) <= _MANY_FLAGS else _HIGHEST_ORDER
    return [term for order in range(1, highest + 1) for term in combinations(flags, order)]


def _columns(on: Switches, flags: Sequence[str], terms: Sequence[Term]) -> Values:
    """The columns of `terms`, -1 for off and 1 for on; shape (runs, terms)."""
    signs = {flag: np.where(on[:, place], 1.0, -1.0) for place, flag in enumerate(flags)}
    ones = np.ones(len(on))
    return np.column_stack([np.prod([ones, *(signs[f] for f in term)], axis=0) for term in terms])
