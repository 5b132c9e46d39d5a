"""Sweeps: the figures of each trial, where the provider's settings differ by trial."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.report.content import Grid, Part
from flagbench.report.series_report import RunReport, SeriesReport

ANCHOR = "sweeps"
_ALWAYS = ("approval_rate", "acceptance_rate")
_NOT_MEASURED = "n/a"
# A whole of more than these is no count of files or calls that a person would want to see.
_COUNTED = 1000


def part(report: RunReport) -> Part | None:
    """The section, a table for each scenario that sweeps; None without any."""
    grids = [
        Grid(
            caption=name,
            columns=("series", "figure", *_stations(members[0].swept)),
            rows=[row for member in members for row in _rows(member)],
        )
        for name, members in report.by_scenario().items()
        if members[0].swept and any(member.cells for member in members)
    ]
    if not grids:
        return None
    told = (
        "The provider's settings differ by trial in these scenarios: a column is a trial, and one "
        "recording. Rates of the generator's own that stay the same are left out.",
    )
    return Part(ANCHOR, "Sweeps", told=told, grids=grids)


def _stations(swept: Mapping[str, Sequence[Any]]) -> list[str]:
    """The settings of each trial, such as "hang 0.1"."""
    return [
        ", ".join(f"{name} {value:g}" for name, value in zip(swept, values, strict=True))
        for values in zip(*swept.values(), strict=True)
    ]


def _rows(series: SeriesReport) -> Iterator[tuple[str, ...]]:
    if not series.cells:
        return
    cells = sorted(series.cells, key=lambda cell: cell.trial)
    yield series.combination, "seconds", *(f"{cell.seconds:,.1f}" for cell in cells)
    yield series.combination, "tokens", *(f"{cell.tokens:,}" for cell in cells)
    for name in sorted(cells[0].rates, key=lambda name: (name not in _ALWAYS, name)):
        found = [_rate(*cell.rates[name]) for cell in cells]
        if name in _ALWAYS or len(set(found)) > 1:
            yield series.combination, name.replace("_", " ").removesuffix(" rate"), *found


def _rate(part: int, whole: int) -> str:
    if not whole:
        return _NOT_MEASURED
    return f"{part / whole:.0%}" + (f" of {whole:,}" if whole <= _COUNTED else "")
