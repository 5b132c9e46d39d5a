"""The table of series that every readable report shows: rows, columns and labels."""

from collections.abc import Sequence

from flagbench.report.series_report import SeriesReport
from flagbench.report.text.token_remark import remark
from flagbench.run.time_labels import EXACT
from flagbench.shown_numbers import number
from flagbench.simulator.settings import SIMULATED

COLUMNS = (
    "series", "tokens", "Δ", "seconds", "Δ", "US$", "approved", "accepted", "baseline", "verdict",
)  # fmt: skip
LEGEND = (
    "Mean per trial of the whole session; Δ against `none` of the same recordings; "
    "approved: by the generator's own review; accepted: proven by running it; "
    "baseline: change of tokens against the accepted value; time: exact unless said otherwise."
)

# Longer designs are reduced to single flags and landmarks; the files have every series.
_SHOWN_WHOLE = 16

RATE_LABELS = {
    "cache_hit_rate": "Cache hit rate",
    "template_usage_rate": "Template usage",
    "confident_validation_rate": "Confident validation",
    "acceptance_rate": "Acceptance",
    "false_approval_rate": "False approvals",
    "test_pass_rate": "Generated tests passed",
    "mutant_rate": "Broken routes noticed",
}


_PROOFS = ("acceptance_rate", "false_approval_rate", "test_pass_rate", "mutant_rate")


def rows(members: Sequence[SeriesReport], *, whole: bool) -> tuple[list[SeriesReport], int]:
    """The series to show, and the number of those left out, which are all KEPT."""
    if whole or len(members) <= _SHOWN_WHOLE:
        return list(members), 0
    shown = [
        member for member in members if member.outcome != "KEPT" or _is_landmark(member.combination)
    ]
    return shown, len(members) - len(shown)


def _is_landmark(combination: str) -> bool:
    return "+" not in combination


def cells(series: SeriesReport) -> tuple[str, ...]:
    """A row's texts, in the order of `COLUMNS`."""
    metrics = series.metrics
    is_control = series.combination == "none"
    return (
        series.combination,
        number(metrics.get("tokens"), ",.0f"),
        "control" if is_control else change(metrics.get("token_reduction")),
        number(metrics.get("seconds"), ",.1f"),
        "control" if is_control else change(metrics.get("time_reduction")),
        number(metrics.get("usd"), ".4f"),
        number(metrics.get("approval_rate"), ".0%"),
        number(metrics.get("acceptance_rate"), ".0%"),
        _against_baseline(series),
        verdict(series),
    )


def verdict(series: SeriesReport) -> str:
    """The outcome, with a remark on tokens that were not counted or that the provider denies."""
    told = remark(series.cells)
    return f"{series.outcome} ({told})" if told else series.outcome


def headline(series: SeriesReport) -> list[str]:
    """The summary of a series: time and tokens per request, and the subject's rates."""
    metrics = series.metrics
    tokens, seconds = metrics["tokens"] / series.requests, "unknown"
    if "seconds" in metrics:
        seconds = f"{metrics['seconds'] / series.requests:.1f}s"
    lines = [
        f"Time: {seconds} ({_arrow(metrics.get('time_reduction'))} vs control)",
        f"Tokens: {tokens:.0f} ({_arrow(metrics.get('token_reduction'))} vs control)",
    ]
    return lines + [
        f"{label}: {number(metrics.get(name), '.1%' if name in _PROOFS else '.0%')}"
        for name, label in RATE_LABELS.items()
        if name in metrics
    ]


def provider_of(series: SeriesReport) -> str:
    """The provider in words that cannot be mistaken for a vendor's model, and an inexact time."""
    labels = sorted({cell.time for cell in series.cells} - {EXACT})
    time = f", time: {', '.join(labels)}" if labels else ""
    if series.provider == SIMULATED:
        return f"simulated provider (standing in for {series.model}){time}"
    return f"provider {series.provider}, model {series.model}{time}"


def join_names(names: Sequence[str]) -> str:
    """The first of several names, and the number of the others."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def change(reduction: float | None) -> str:
    """A reduction, shown as the change of the reduced amount."""
    return "n/a" if reduction is None else f"{-reduction:+z.1%}"


def _arrow(reduction: float | None) -> str:
    if reduction is None:
        return "n/a"
    return f"{'↓' if reduction >= 0 else '↑'}{abs(reduction):.1%}"


def _against_baseline(series: SeriesReport) -> str:
    accepted, measured = series.accepted.get("tokens"), series.metrics.get("tokens")
    if accepted is None or measured is None:
        return "none"
    return f"{measured / accepted - 1:+z.1%}" if accepted else f"{measured:+z.0f}"
