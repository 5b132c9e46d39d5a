"""The Pareto frontier: series that no other series beats on both cost and quality."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flagbench.report.pictured_series import Measured


@dataclass(frozen=True, slots=True)
class Point:
    """Series of equal cost and quality; `quality` is a share from 0 to 1."""

    names: tuple[str, ...]
    cost: float
    quality: float


def points(members: Iterable[Measured], cost: str, quality: str) -> list[Point]:
    """The series that have both metrics, cheapest first; equal ones are merged."""
    places: dict[tuple[float, float], list[str]] = {}
    for member in members:
        if cost in member.metrics and quality in member.metrics:
            at = (member.metrics[cost], member.metrics[quality])
            places.setdefault(at, []).append(member.combination)
    ordered = sorted(places.items(), key=lambda item: (item[0][0], -item[0][1]))
    return [Point(tuple(names), *at) for at, names in ordered]


def frontier(ordered: Sequence[Point]) -> list[Point]:
    """The points that are better than all cheaper ones, from the output of `points`."""
    best: list[Point] = []
    for point in ordered:
        if not best or point.quality > best[-1].quality:
            best.append(point)
    return best
