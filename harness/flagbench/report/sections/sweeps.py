"""Sweeps: the figures of each trial in scenarios whose provider settings differ by trial."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.report.content import Grid, Part
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.shown_numbers import number, rate

ANCHOR = "sweeps"
_ALWAYS = ("approval_rate", "acceptance_rate")
_NOT_MEASURED = "n/a"
# A larger whole is not shown, only its share.
_COUNTED = 1000


def part(report: RunReport) -> Part | None:
    """The section, one table per scenario with a sweep; None without any."""
    grids = [
        Grid(
            caption=name,
            columns=("series", "figure", *_settings(members[0].swept)),
            rows=[row for member in members for row in _rows(member)],
        )
        for name, members in report.by_scenario().items()
        if members[0].swept and any(member.cells for member in members)
    ]
    if not grids:
        return None
    paragraphs = (
        "The provider's settings differ by trial in these scenarios: each column is one trial. The "
        "generator's own rates are left out where they do not change.",
    )
    return Part(ANCHOR, "Sweeps", paragraphs=paragraphs, grids=grids)


def _settings(swept: Mapping[str, Sequence[Any]]) -> list[str]:
    """The settings of each trial, such as "hang 0.1"."""
    return [
        ", ".join(f"{name} {value:g}" for name, value in zip(swept, values, strict=True))
        for values in zip(*swept.values(), strict=True)
    ]


def _rows(series: SeriesReport) -> Iterator[tuple[str, ...]]:
    if not series.cells:
        return
    cells = sorted(series.cells, key=lambda cell: cell.trial)
    yield series.combination, "seconds", *(number(cell.seconds, ",.1f") for cell in cells)
    yield series.combination, "tokens", *(f"{cell.tokens:,}" for cell in cells)
    for name in sorted(cells[0].rates, key=lambda name: (name not in _ALWAYS, name)):
        texts = [_rate(*cell.rates[name]) for cell in cells]
        if name in _ALWAYS or len(set(texts)) > 1:
            yield series.combination, name.replace("_", " ").removesuffix(" rate"), *texts


def _rate(part: int, whole: int) -> str:
    if not whole:
        return _NOT_MEASURED
    return rate(part / whole) + (f" of {whole:,}" if whole <= _COUNTED else "")
