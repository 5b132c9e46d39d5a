"""The gates applied to a comparison."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from flagbench.analysis.comparison import gate
from flagbench.analysis.comparison.amounts import groups_of, proven
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import RATES, Answer, Chances, Condition, Judgement, Unit
from flagbench.analysis.comparison.metrics import Limited, MetricResult
from flagbench.analysis.statistics import intervals, power
from flagbench.analysis.statistics.intervals import About, Method, Values
from flagbench.errors import InputError, Problem
from flagbench.shown_numbers import rate

# How far beyond its bound an effect lies whose repetitions are planned: a share of A, or points.
_BEYOND = 0.03
# Two sides that are alike are 0 and not 0 in each of three recordings at most 1 time in 4**3.
_FEWEST_ZEROS = 3


def judge(comparison: Comparison, conditions: Sequence[Condition]) -> tuple[Judgement, ...]:
    """Judge every gate. Raises `InputError` for a metric that was not measured on both sides."""
    problems = [
        Problem(
            f"--fail-if '{condition.text}': {condition.metric} was not measured on both sides",
            expected=f"one of {', '.join(result.metric for result in comparison.metrics)}",
        )
        for condition in conditions
        if comparison.metric(condition.metric) is None
    ]
    if problems:
        raise InputError(problems)
    return tuple(
        _judgement(condition, result, comparison)
        for condition in conditions
        if (result := comparison.metric(condition.metric)) is not None
    )


def _judgement(condition: Condition, result: MetricResult, comparison: Comparison) -> Judgement:
    is_percent = condition.unit is Unit.PERCENT
    if is_percent:
        groups = groups_of(comparison.paired, condition.metric)
        if any((group <= 0).any() for group in groups):
            return _by_difference(condition, result, comparison, groups)
    change = _minus_one(result.ratio) if is_percent else result.difference
    method = result.ratio_method if is_percent else result.method
    if change.value is None:
        raise ValueError(f"{condition.metric}: a ratio of positive amounts is missing")
    judgement = gate.judge(
        condition,
        change.value,
        (change.low, change.high),
        _smallest(condition, result),
        is_exact=comparison.about is About.RECORDINGS,
        why_no_limits=_why_no_limits(Method(method), result, comparison.about),
        scale=max(abs(result.a), abs(result.b)),
    )
    if judgement.answer is not Answer.INCONCLUSIVE:
        return judgement
    return _planned(judgement, result, comparison)


def _by_difference(
    condition: Condition, result: MetricResult, comparison: Comparison, groups: Sequence[Values]
) -> Judgement:
    """Judge a bound in % where a recording has a 0: by the difference B - (1 + bound) A.

    It is above 0 where the change is above the bound, also if A is 0.
    """
    side = _zero_side(groups, comparison.about)
    if side is not None and comparison.about is not About.RECORDINGS:
        only, change, seen = side
        if seen < _FEWEST_ZEROS:
            reason = f"{only} is 0 in every recording, and they are fewer than {_FEWEST_ZEROS}"
            return Judgement(condition, Answer.INCONCLUSIVE, None, None, None, None, reason)
        answer = Answer.FAIL if gate.fails(condition, change) else Answer.PASS
        reason = f"{only} is 0 in every recording and the other in none"
        return Judgement(condition, answer, None, None, None, None, reason)
    share = 1 + condition.bound
    weighed = [group * np.array([share, 1.0]) for group in groups]
    estimate = proven(intervals.difference(weighed, comparison.about), comparison.paired)
    judgement = gate.judge(
        replace(condition, bound=0.0, unit=Unit.OWN),
        estimate.value,
        (estimate.low, estimate.high),
        None,
        is_exact=comparison.about is About.RECORDINGS,
        why_no_limits=_why_no_limits(estimate.method, result, comparison.about),
        scale=max(float(np.abs(group).max()) for group in weighed),
    )
    reason = f"{judgement.reason} (of B - {share:g} A, since a recording has a 0)"
    return Judgement(condition, judgement.answer, None, None, None, None, reason)


def _zero_side(groups: Sequence[Values], about: About) -> tuple[str, float, int] | None:
    """The side that is 0 in every recording while the other never is.

    With the change of B, and the number of trials or scenarios that show it.
    """
    a, b = np.concatenate(groups).T
    seen = len(groups) if about is About.SCENARIOS else len(a)
    if not a.any() and b.all():
        return "A", math.inf, seen
    return ("B", -1.0, seen) if a.all() and not b.any() else None


def _smallest(condition: Condition, result: MetricResult) -> float | None:
    """The effect beyond the bound that 4 of 5 such comparisons FAIL, in the unit of the bound.

    None where that is unknown, or no effect can be so large: a rate is between 0 and 1.
    """
    away = _direction(condition)
    if condition.unit is Unit.PERCENT:
        if result.smallest_ratio is None:
            return None
        return (1 + condition.bound) * (1 + result.smallest_ratio) ** away - 1
    if result.smallest is None:
        return None
    smallest = condition.bound + away * result.smallest
    if condition.unit is Unit.POINTS and not 0 <= result.a + smallest <= 1:
        return None
    return smallest


def _planned(judgement: Judgement, result: MetricResult, comparison: Comparison) -> Judgement:
    """The judgement with the repetitions that would decide it."""
    condition, about = judgement.condition, comparison.about
    bound = condition.bound
    can_pass = not gate.fails(condition, 0.0)
    planned = replace(judgement, repetitions=about.value)
    if condition.metric in RATES:
        # Files move together, so that it takes repetitions without a change to exclude its share.
        if not can_pass or not 0 < abs(bound) < 1:
            return planned
        clusters = power.repetitions_without_change(abs(bound))
        strata = 1 if about is About.SCENARIOS else comparison.scenarios
        return replace(planned, to_pass=max(2, math.ceil(clusters / strata)))
    smallest: tuple[float | None, float]
    if condition.unit is Unit.PERCENT:
        target = bound + _direction(condition) * _BEYOND
        if result.smallest_ratio is None or min(bound, target) <= -1:
            return planned
        smallest = math.log1p(result.smallest_ratio), result.ratio_freedom
        to_bound, beyond = math.log1p(bound), math.log1p(target) - math.log1p(bound)
    else:
        smallest = result.smallest, result.freedom
        to_bound, beyond = bound, _direction(condition) * _BEYOND * result.a
        target = bound + beyond
    needed = partial(power.repetitions_needed, *smallest, result.repetitions)
    return replace(
        planned,
        to_pass=needed(abs(to_bound)) if can_pass else None,
        to_fail=needed(abs(beyond)),
        target=target,
        chances=_chances(condition, result, *smallest),
    )


def _chances(
    condition: Condition, result: MetricResult, smallest: float | None, freedom: float
) -> Chances:
    """The chances that the gate fails effects of several sizes, with more and more repetitions."""
    if smallest is None or smallest <= 0 or freedom <= 0 or result.repetitions < 2:
        return ()
    away, is_percent = _direction(condition), condition.unit is Unit.PERCENT
    effects = [away * share * (1.0 if is_percent else abs(result.a)) for share in gate.EFFECTS]
    counts = [multiple * result.repetitions for multiple in gate.MULTIPLES]
    bound = math.log1p(condition.bound) if is_percent else condition.bound
    return tuple(
        (
            effect,
            {
                count: power.chance_with(count, distance, smallest, freedom, result.repetitions)
                for count in counts
            },
        )
        for effect in effects
        if (distance := away * ((math.log1p(effect) if is_percent else effect) - bound)) > 0
    )


def _direction(condition: Condition) -> int:
    return 1 if condition.relation.startswith(">") else -1


def _why_no_limits(method: Method, result: MetricResult, about: About) -> str:
    unit = about.value.removesuffix("s")
    if result.repetitions < 2:
        return f"one {unit} does not show how {about} vary"
    if method is Method.CONSTANT:
        share = power.unseen_share(result.repetitions)
        return (
            f"every {unit} shows the same, but the calls of the two sides are not the same: a "
            f"change in fewer than {rate(share)} of {about} would not have been seen"
        )
    return "these recordings do not show how much they vary"


def _minus_one(ratio: Limited) -> Limited:
    return Limited(*(None if x is None else x - 1 for x in (ratio.value, ratio.low, ratio.high)))
