"""Rates of two series: the shares of files that were approved and accepted."""

import math
from dataclasses import replace

from flagbench.analysis.comparison.metrics import Limited, MetricResult, smallest_effect
from flagbench.analysis.comparison.pairing import Paired, files
from flagbench.analysis.statistics import effect_sizes, proportions
from flagbench.analysis.statistics.intervals import LEVEL, About, Method
from flagbench.analysis.statistics.proportions import Pairs


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
    factor = 0.0 if about is About.RECORDINGS else proportions.effective(strata)
    freedom = sum(len(clusters) - 1 for clusters in strata)
    ratio = pooled.b / pooled.a if pooled.a else None
    result = MetricResult(
        metric=metric,
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
        smallest=None,
        smallest_ratio=None,
    )
    if not factor:
        return result
    worth = pooled.scale(factor)
    low, high = proportions.difference_limits(worth, LEVEL)
    ratio_low, ratio_high = proportions.ratio_limits(worth, LEVEL)
    return replace(
        result,
        difference=Limited(pooled.difference, low, high),
        ratio=Limited(ratio, ratio_low, ratio_high if math.isfinite(ratio_high) else None),
        p=proportions.mcnemar(worth.only_a, worth.only_b),
        method=Method.EXACT.value,
        smallest=smallest_effect(low, high, freedom),
    )
