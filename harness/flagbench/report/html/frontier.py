"""Which series nothing else beats: none that costs less is as good, none as cheap is better."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flagbench.report.series_report import SeriesReport


@dataclass(frozen=True, slots=True)
class Point:
    """Series that cost the same and are as good: `quality` is a share from 0 to 1."""

    names: tuple[str, ...]
    cost: float
    quality: float


def points(members: Iterable[SeriesReport], cost: str, quality: str) -> list[Point]:
    """The series that have both metrics, the cheapest first; equal ones are one point."""
    places: dict[tuple[float, float], list[str]] = {}
    for member in members:
        if cost in member.metrics and quality in member.metrics:
            at = (member.metrics[cost], member.metrics[quality])
            places.setdefault(at, []).append(member.combination)
    ordered = sorted(places.items(), key=lambda item: (item[0][0], -item[0][1]))
    return [Point(tuple(names), *at) for at, names in ordered]


def frontier(ordered: Sequence[Point]) -> list[Point]:
    """Of points in the order of `points`, those that are better than everything cheaper."""
    kept: list[Point] = []
    for point in ordered:
        if not kept or point.quality > kept[-1].quality:
            kept.append(point)
    return kept


def cost_metric(members: Iterable[SeriesReport]) -> str:
    """Dollars where every measured series has a price, else tokens."""
    measured: list[Mapping[str, float]] = [member.metrics for member in members if member.metrics]
    return "usd" if measured and all("usd" in metrics for metrics in measured) else "tokens"
