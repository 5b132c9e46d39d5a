"""The series of a scenario that pictures compare, and by which cost."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from flagbench.report.series_report import SeriesReport

_CONTROL, _EVERYTHING = "none", "all"


class Measured(Protocol):
    """A series with its metrics: that of a report, or a summary of stored cells."""

    @property
    def combination(self) -> str:
        """The name of the series."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Metric -> its value; what is unknown is left out."""


def choose_series(members: Sequence[SeriesReport]) -> list[SeriesReport]:
    """`none` and `all`; if one was not run, the most expensive or the cheapest other series."""
    ran = [member for member in members if member.timeline and member.metrics]
    if not ran:
        return []
    cost = cost_metric(ran)
    by_cost = sorted(ran, key=lambda member: (member.metrics[cost], member.place))
    by_name = {member.combination: member for member in ran}
    first = by_name.get(_CONTROL, by_cost[-1])
    others = [member for member in by_cost if member is not first]
    everything = [member for member in others if member.combination == _EVERYTHING]
    return [first, *(everything or others)[:1]]


def cost_metric(members: Iterable[Measured]) -> str:
    """`usd` if every measured series has a price, else `tokens`."""
    measured: list[Mapping[str, float]] = [member.metrics for member in members if member.metrics]
    return "usd" if measured and all("usd" in metrics for metrics in measured) else "tokens"
