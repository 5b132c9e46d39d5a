"""Pace of streamed calls in words: a line for each metric of it."""

from collections.abc import Sequence

from flagbench.report.series_report import SeriesReport
from flagbench.report.text import table
from flagbench.shown_numbers import number

# metric, label, format
_PACES = (
    ("first_token_seconds", "seconds to the first token", ",.3f"),
    ("tokens_per_second", "output tokens per second", ",.1f"),
)


def lines(members: Sequence[SeriesReport]) -> list[str]:
    """The pace of streamed calls of the series, where any was measured: mean and median."""
    shown = []
    for metric, label, form in _PACES:
        if any(metric in member.metrics for member in members):
            figures = (
                f"{member.combination} {number(member.metrics.get(metric), form)} "
                f"(p50 {number(member.metrics.get(f'{metric}_p50'), form)})"
                for member in table.rows(members, whole=False)[0]
            )
            shown.append(f"{label}: {', '.join(figures)}")
    return shown
