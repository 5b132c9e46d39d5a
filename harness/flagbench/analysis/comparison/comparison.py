"""The statistics of two paired series."""

from dataclasses import dataclass, replace

from flagbench.analysis.comparison.amounts import compare_amount
from flagbench.analysis.comparison.gate import AMOUNTS, RATES
from flagbench.analysis.comparison.metrics import MetricResult
from flagbench.analysis.comparison.pairing import Paired, why_unknown
from flagbench.analysis.comparison.rates import compare_rate
from flagbench.analysis.statistics.effect_sizes import holm
from flagbench.analysis.statistics.intervals import About


@dataclass(frozen=True, slots=True)
class Comparison:
    """All metrics of two series; `absent` says why a metric is missing."""

    about: About
    scenarios: int
    cells: int
    requests: int
    metrics: tuple[MetricResult, ...]
    absent: tuple[str, ...]
    paired: Paired

    def metric(self, name: str) -> MetricResult | None:
        """The result for a metric, or None if it is absent."""
        return next((result for result in self.metrics if result.metric == name), None)


def usual_scope(paired: Paired) -> About:
    """The default scope of inference: the widest that the recordings allow.

    One trial does not generalise to other trials, nor one scenario to other scenarios.
    """
    groups = paired.by_scenario()
    if all(len(group) == 1 for group in groups.values()):
        return About.RECORDINGS
    return About.SCENARIOS if len(groups) > 1 else About.TRIALS


def compare(paired: Paired, about: About) -> Comparison:
    """Compute the statistics of every metric."""
    results, absent = [], []
    for name in (*AMOUNTS, *paired.own_metrics):
        if paired.has_all(name):
            results.append(compare_amount(paired, name, about))
        else:
            absent.append(f"{name}: {why_unknown(name)}")
    for name in RATES:
        try:
            results.append(compare_rate(paired, name, about))
        except ValueError as error:
            absent.append(f"{name}: {error}")
    adjusted = holm([result.p for result in results])
    return Comparison(
        about=about,
        scenarios=len(paired.by_scenario()),
        cells=len(paired.pairs),
        requests=sum(pair.a.requests for pair in paired.pairs),
        metrics=tuple(
            replace(result, p_holm=p) for result, p in zip(results, adjusted, strict=True)
        ),
        absent=tuple(absent),
        paired=paired,
    )
