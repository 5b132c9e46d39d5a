"""A gate that is judged after every trial: PASS or FAIL as soon as the evidence has it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.analysis.comparison.gate import Answer, Condition, Unit, fails
from flagbench.analysis.statistics import confidence_sequence
from flagbench.analysis.statistics.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Look:
    """The answer after so many trials, with the limits in the unit of the bound, if there are any.

    `measured` is the change of the mean, in the unit of the bound. Several trials that show the
    same, `is_constant`, do not say how much others would differ.
    """

    answer: Answer
    trials: int
    measured: float
    low: float | None
    high: float | None
    is_constant: bool = False


def look(condition: Condition, pairs: Sequence[tuple[float, float]], gates: int = 1) -> Look:
    """Judge a condition on paired amounts (A, B) of the trials so far, one of so many gates.

    A bound in % is one of mean(B) / mean(A), as `compare` has it: of B - (1 + bound) A, whose mean
    is above 0 where the change is above the bound. It may be asked after every trial: over all of
    them together, at most 1 in 20 comparisons get a wrong answer, if such differences vary about as
    Gaussian ones do. Raises `ValueError` for a change in % of an amount that is not above 0.
    """
    is_percent = condition.unit is Unit.PERCENT
    if is_percent and any(min(pair) <= 0 for pair in pairs):
        raise ValueError(f"{condition.metric} is 0 in a trial; expected: a bound that is not in %")
    alpha = (1 - LEVEL) / gates
    if is_percent:
        changes = [b / a - 1 for a, b in pairs]
        measured = math.fsum(b for _, b in pairs) / math.fsum(a for a, _ in pairs) - 1
        ratios = confidence_sequence.ratio_limits(pairs, alpha)
        limits = None if ratios is None else (ratios[0] - 1, ratios[1] - 1)
    else:
        changes = [b - a for a, b in pairs]
        measured = math.fsum(changes) / len(changes)
        limits = confidence_sequence.limits(changes, alpha)
    if limits is None:
        is_constant = len(changes) > 1 and math.isclose(min(changes), max(changes), abs_tol=1e-9)
        return Look(Answer.INCONCLUSIVE, len(pairs), measured, None, None, is_constant)
    low, high = limits
    scale = max(abs(amount) for pair in pairs for amount in pair)
    sides = {fails(condition, limit, scale) for limit in limits}
    answer = {
        frozenset({True}): Answer.FAIL, frozenset({False}): Answer.PASS,
    }.get(frozenset(sides), Answer.INCONCLUSIVE)  # fmt: skip
    return Look(answer, len(pairs), measured, low, high)
