"""Rates of two series: the shares of files that were approved and accepted."""

import math
from collections.abc import Sequence
from dataclasses import replace

from flagbench.analysis.comparison.metrics import Limited, MetricResult
from flagbench.analysis.comparison.pairing import Paired, files
from flagbench.analysis.statistics import effect_sizes, proportions
from flagbench.analysis.statistics.intervals import LEVEL, About, Method
from flagbench.analysis.statistics.power import smallest_effect
from flagbench.analysis.statistics.proportions import Pairs

WEIGHT = "files"


def compare_rate(paired: Paired, metric: str, about: About) -> MetricResult:
    """Compare one rate over all files. Raises `ValueError` if one side did not measure it."""
    groups = [[files(pair, metric) for pair in group] for group in paired.by_scenario().values()]
    pooled = proportions.total([pairs for group in groups for pairs in group])
    if not pooled.whole:
        raise ValueError("there are no files")
    if about is About.SCENARIOS:
        strata: list[list[Pairs]] = [[proportions.total(group) for group in groups]]
    else:
        strata = groups
    freedom = sum(len(clusters) - 1 for clusters in strata)
    ratio = pooled.b / pooled.a if pooled.a else None
    result = MetricResult(
        metric=metric,
        weight=WEIGHT,
        a=pooled.a,
        b=pooled.b,
        difference=Limited(pooled.difference),
        ratio=Limited(ratio),
        effect_name="h",
        effect=effect_sizes.cohens_h(pooled.a, pooled.b),
        units=round(pooled.whole),
        p=None,
        p_holm=None,
        method=Method.NONE.value,
        ratio_method=Method.NONE.value,
        freedom=float(freedom),
        ratio_freedom=float(freedom),
        repetitions=min(map(len, strata)),
        smallest=None,
        smallest_ratio=None,
    )
    # A scenario with a single trial does not show how its trials vary.
    if about is About.RECORDINGS or min(map(len, strata)) < 2:
        return result
    if paired.has_same_calls and not pooled.only_a + pooled.only_b:
        same = Method.SAME_CALLS.value
        return replace(
            result,
            difference=Limited(0.0, 0.0, 0.0),
            ratio=Limited(ratio, ratio, ratio),
            p=1.0,
            method=same,
            ratio_method=same,
        )
    worth = _worth(pooled, strata)
    if worth is None:
        return result
    low, high = proportions.difference_limits(worth, LEVEL)
    ratio_low, ratio_high = proportions.ratio_limits(worth, LEVEL)
    return replace(
        result,
        difference=Limited(pooled.difference, low, high),
        ratio=Limited(ratio, ratio_low, ratio_high if math.isfinite(ratio_high) else None),
        p=proportions.mcnemar(worth.only_a, worth.only_b),
        method=Method.EXACT.value,
        ratio_method=Method.WILSON.value,
        smallest=smallest_effect(low, high, freedom),
    )


def _worth(pooled: Pairs, strata: Sequence[Sequence[Pairs]]) -> Pairs | None:
    """The pairs as so many independent ones as they are worth; None if that is unknown.

    Where their limits show no change, there are at most as many as clusters: an unseen change of
    some clusters moves all their files at once, and the variance between clusters without it says
    nothing of it.
    """
    factor = proportions.effective(strata)
    if not factor:
        return None
    worth = pooled.scale(factor)
    low, high = proportions.difference_limits(worth, LEVEL)
    clusters = sum(len(stratum) for stratum in strata)
    if low <= 0 <= high and worth.whole > clusters:
        return pooled.scale(clusters / pooled.whole)
    return worth
