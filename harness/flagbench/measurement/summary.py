"""Summary of the trials of a series, compared with the same trials of its control."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flagbench.measurement.cell_result import NOT_COUNTED, CellResult
from flagbench.measurement.measurement import RATE_DECIMALS, USD_DECIMALS
from flagbench.measurement.streams import metrics_of


@dataclass(frozen=True, slots=True)
class Summary:
    """Metrics of a series over its trials.

    Amounts (tokens, seconds, dollars, calls) are means over the trials, and so are the subject's
    own numbers; rates are pooled: the sum of parts over the sum of wholes. The pace of streams is
    the mean and the median over the streamed calls of all trials. A metric without a value (no
    price, nothing counted, no stream) is left out. `noise` is how far metrics differ between runs
    of the same recordings, where the time is not exact; none of it for the others.
    """

    scenario: str
    combination: str
    trials: int
    requests: int
    metrics: Mapping[str, float]
    noise: Mapping[str, float] = field(default_factory=dict)


AMOUNTS = (
    "tokens", "prompt_tokens", "completion_tokens", "cached_prompt_tokens", "reasoning_tokens",
    "seconds", "usd", "calls", "service_calls",
)  # fmt: skip
REDUCTIONS = {"token_reduction": "tokens", "time_reduction": "seconds", "cost_reduction": "usd"}


def summarise(cells: Sequence[CellResult], control: Sequence[CellResult]) -> Summary:
    """Summarise the trials of a series, with reductions against the same trials of its control."""
    metrics = amounts(cells)
    of_control = amounts(control)
    for reduction, amount in REDUCTIONS.items():
        if amount in metrics and of_control.get(amount):
            share = 1 - metrics[amount] / of_control[amount]
            metrics[reduction] = round(share, RATE_DECIMALS) + 0.0  # no negative zero
    for name in sorted({name for cell in cells for name in cell.rates}):
        part = sum(cell.rates.get(name, NOT_COUNTED).part for cell in cells)
        whole = sum(cell.rates.get(name, NOT_COUNTED).whole for cell in cells)
        if whole:
            metrics[name] = round(part / whole, RATE_DECIMALS)
    for name in sorted(set[str]().union(*(cell.metrics for cell in cells))):
        # A trial without it leaves the mean unknown.
        if all(name in cell.metrics for cell in cells):
            total = math.fsum(cell.metrics[name].value for cell in cells)
            metrics[name] = round(total / len(cells), USD_DECIMALS)
    metrics.update(metrics_of([call for cell in cells for call in cell.streams]))
    first = cells[0]
    return Summary(first.scenario, first.combination, len(cells), first.requests, metrics)


def spread(summaries: Sequence[Summary]) -> dict[str, float]:
    """The range of each metric that differs between summaries of the same series."""
    ranges = {
        name: max(values) - min(values)
        for name in summaries[0].metrics
        if (values := [each.metrics[name] for each in summaries if name in each.metrics])
    }
    return {name: round(noise, USD_DECIMALS) for name, noise in ranges.items() if noise}


def amounts(cells: Sequence[CellResult]) -> dict[str, float]:
    """Compute the mean of every amount over the trials."""
    means = {}
    for name in AMOUNTS:
        values = [getattr(cell, name) for cell in cells]
        if all(value is not None for value in values):
            means[name] = round(math.fsum(values) / len(values), USD_DECIMALS)
    return means
