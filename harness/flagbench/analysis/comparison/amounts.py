"""Amounts of two series: tokens, seconds, dollars, calls, numbers of the subject's own."""

import math
from dataclasses import replace

import numpy as np

from flagbench.analysis.comparison.metrics import Limited, MetricResult
from flagbench.analysis.comparison.pairing import Paired, request_usage, values
from flagbench.analysis.statistics import effect_sizes, intervals
from flagbench.analysis.statistics.intervals import About, Estimate, Method, Values
from flagbench.analysis.statistics.power import smallest_effect

WEIGHT = "scenarios"


def compare_amount(paired: Paired, metric: str, about: About) -> MetricResult:
    """Compare one amount that every cell has; every scenario has the same weight."""
    groups = groups_of(paired, metric)
    difference = proven(intervals.difference(groups, about), paired)
    means = np.mean([group.mean(axis=0) for group in groups], axis=0)
    try:
        log = proven(intervals.log_ratio(groups, about), paired)
        ratio = Limited(math.exp(log.value), *(None if x is None else math.exp(x)
                                               for x in (log.low, log.high)))  # fmt: skip
        smallest_log = smallest_effect(log.low, log.high, log.freedom)
        smallest_ratio = None if smallest_log is None else math.expm1(smallest_log)
    except ValueError:
        log = Estimate(math.nan, None, None, None, Method.NONE, 0.0)
        ratio, smallest_ratio = Limited(None), None
    differences = _differences(paired, metric)
    return MetricResult(
        metric=metric,
        weight=WEIGHT,
        a=float(means[0]),
        b=float(means[1]),
        difference=Limited(difference.value, difference.low, difference.high),
        ratio=ratio,
        effect_name="r",
        effect=effect_sizes.rank_biserial(differences),
        units=differences.size,
        p=difference.p,
        p_holm=None,
        method=difference.method.value,
        ratio_method=log.method.value,
        freedom=difference.freedom,
        ratio_freedom=log.freedom,
        repetitions=len(groups) if about is About.SCENARIOS else min(map(len, groups)),
        smallest=smallest_effect(difference.low, difference.high, difference.freedom),
        smallest_ratio=smallest_ratio,
    )


def groups_of(paired: Paired, metric: str) -> list[Values]:
    """The paired amounts of every scenario, as `values`; shapes (trials, 2)."""
    return [values(group, metric) for group in paired.by_scenario().values()]


def proven(estimate: Estimate, paired: Paired) -> Estimate:
    """The estimate without limits where they have no width, unless the calls prove them.

    The same effect in every recording means that no other was seen, and no more: a change in one of
    ten trials shows in none of five more often than not. Where both sides made the same calls, it
    is exact.
    """
    if estimate.method is not Method.CONSTANT:
        return estimate
    if paired.has_same_calls:
        return replace(estimate, method=Method.SAME_CALLS)
    return replace(estimate, low=None, high=None)


def _differences(paired: Paired, metric: str) -> Values:
    """B - A of every pair: of requests for tokens and calls, of cells for the others.

    Time is not a sum over requests (parallel calls overlap), and dollars are proportional to tokens
    only within a cell.
    """
    if metric in ("tokens", "calls") and "requests" not in paired.declared:
        return np.array(
            [
                request_usage(pair.b, request, metric) - request_usage(pair.a, request, metric)
                for pair in paired.pairs
                for request in pair.requests()
            ],
            dtype=np.float64,
        )
    sides = [[cell.amount(metric) for cell in (pair.a, pair.b)] for pair in paired.pairs]
    return np.diff(np.array(sides, dtype=np.float64))[:, 0]
