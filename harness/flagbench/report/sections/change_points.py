"""Changes of level in stored runs, each with the run and the commit where it began."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from flagbench.analysis.statistics import change_points
from flagbench.report.content import Grid
from flagbench.report.history import Run
from flagbench.report.sections.trends_drawing import series_of
from flagbench.shown_numbers import number
from flagbench.verdict.baseline import AMOUNT_TOLERANCE, RATE_TOLERANCE

# metric -> label, format
METRICS = {
    "tokens": ("tokens", ",.0f"),
    "seconds": ("seconds", ",.1f"),
    "usd": ("US$", ".4f"),
    "approval_rate": ("approved", ".1%"),
    "acceptance_rate": ("accepted", ".1%"),
}
# In as many runs without a change, 6 % have one by chance where seconds are real ones:
# tests/studies/change_point_study.py.
_FEWEST_NOISY = 20


def grid(runs: Mapping[str, Sequence[Run]], exact: Mapping[str, bool]) -> Grid | None:
    """The table of the changes of every scenario, by its runs; None without any.

    `exact` are the scenarios whose seconds are those of the virtual clock: an exact replay has no
    noise, so that a change beyond the default tolerance of a baseline is one. Real seconds vary,
    and in fewer than 20 runs no change of them is found.
    """
    rows = [row for name, stored in runs.items() for row in _rows(name, stored, exact[name])]
    if not rows:
        return None
    return Grid(
        "Changes of level", ("scenario", "series", "of", "from", "to", "since", "commit"), rows
    )


def _rows(name: str, runs: Sequence[Run], is_exact: bool) -> Iterator[tuple[str, ...]]:
    for series in series_of(runs):
        for metric, (label, form) in METRICS.items():
            with_metric = [run for run in runs if metric in run.series.get(series, {})]
            values = [run.series[series][metric] for run in with_metric]
            for start, end, place in _levels(values, metric, is_exact or metric != "seconds"):
                run = with_metric[place]
                yield (
                    name, series, label, number(start, form), number(end, form),
                    f"{run.date:%Y-%m-%d %H:%M}", run.commit or "n/a",
                )  # fmt: skip


def _levels(
    values: Sequence[float], metric: str, is_exact: bool
) -> Iterator[tuple[float, float, int]]:
    """The mean levels before and after each change, and the place where the later one begins."""
    if not values or not (is_exact or len(values) >= _FEWEST_NOISY):
        return
    middle = abs(math.fsum(values) / len(values))
    least = RATE_TOLERANCE if metric.endswith("_rate") else AMOUNT_TOLERANCE * middle
    noise = least if is_exact else max(least, change_points.noise_of(values))
    places = change_points.change_points(values, noise) if least else []
    bounds = [0, *places, len(values)]
    means = [math.fsum(values[a:b]) / (b - a) for a, b in pairwise(bounds)]
    for place, (before, after) in zip(places, pairwise(means), strict=True):
        yield before, after, place
