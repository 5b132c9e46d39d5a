"""Amounts of two series: tokens, seconds, dollars, calls."""

import math

import numpy as np

from flagbench.analysis.comparison.metrics import Limited, MetricResult, smallest_effect
from flagbench.analysis.comparison.pairing import Paired, request_usage, values
from flagbench.analysis.statistics import effect_sizes, intervals
from flagbench.analysis.statistics.intervals import About, Values


def compare_amount(paired: Paired, metric: str, about: About) -> MetricResult:
    """Compare one amount per request; every scenario has the same weight."""
    groups = [values(group, metric) for group in paired.by_scenario().values()]
    difference = intervals.difference(groups, about)
    means = np.mean([group.mean(axis=0) for group in groups], axis=0)
    try:
        log = intervals.log_ratio(groups, about)
        ratio = Limited(math.exp(log.value), *(None if x is None else math.exp(x)
                                               for x in (log.low, log.high)))  # fmt: skip
        smallest_log = smallest_effect(log.low, log.high, log.freedom)
        smallest_ratio = None if smallest_log is None else math.expm1(smallest_log)
    except ValueError:
        ratio, smallest_ratio = Limited(None), None
    differences = _differences(paired, metric)
    return MetricResult(
        metric=metric,
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
        smallest=smallest_effect(difference.low, difference.high, difference.freedom),
        smallest_ratio=smallest_ratio,
    )


def _differences(paired: Paired, metric: str) -> Values:
    """B - A of every pair: of requests for tokens and calls, of cells for time and cost.

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
    return np.array(
        [getattr(pair.b, metric) - getattr(pair.a, metric) for pair in paired.pairs],
        dtype=np.float64,
    )
