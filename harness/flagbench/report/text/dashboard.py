"""A dashboard in the terminal: one series against thresholds, its agents, and advice."""

from collections.abc import Iterator, Sequence

from flagbench.report.data.history import Run
from flagbench.report.series_report import SeriesReport

_UNITS = {"seconds": "s", "tokens": "tokens", "usd": "US$", "calls": "calls"}
# A threshold that is missed by no more than this share is near.
_NEAR = 0.1
# More of the stored runs than these are in report.html.
_SHOWN_RUNS = 5


def lines(series: SeriesReport, stored: Sequence[Run] = ()) -> Iterator[str]:
    """The dashboard of a series that has thresholds; nothing for another. Amounts are per request.

    `stored` are runs so far, the oldest first: where two or more have a figure, its trend is told.
    """
    if not series.thresholds or not series.metrics:
        return
    yield f"Performance dashboard ({series.scenario}::{series.combination}, per request):"
    advice = []
    for metric, threshold in series.thresholds.items():
        if metric not in series.metrics:
            yield f"   {_words(metric)}: not measured"
            continue
        value, wanted = _figure(metric, series.metrics[metric], series.requests), threshold.value
        better = value <= wanted if threshold.better == "lower" else value >= wanted
        off = value / wanted - 1 if wanted else value
        verdict = "kept" if better else "near" if abs(off) <= _NEAR else "missed"
        yield (
            f"   {_words(metric)}: {_shown(metric, value)} vs {_shown(metric, wanted)} "
            f"({off:+.0%}) {verdict}{_trend(series, metric, stored)}"
        )
        if not better:
            advice.append(threshold.advice)
    yield from _agents(series)
    yield from (f"   Advice: {text}" for text in advice)
    if not advice:
        yield "   Advice: every bar is kept; raise them, or leave it so"


def _figure(metric: str, value: float, requests: int) -> float:
    return value / requests if metric in _UNITS else value


def _trend(series: SeriesReport, metric: str, stored: Sequence[Run]) -> str:
    """How the last of the runs that have the figure found it, " | 41.0, 32.5 s"."""
    found = [
        _figure(metric, run.series[series.combination][metric], run.requests)
        for run in stored
        if metric in run.series.get(series.combination, {})
    ]
    if len(found) < 2:
        return ""
    *before, last = found[-_SHOWN_RUNS:]
    numbers = [f"{value:,.1f}" if metric in _UNITS else f"{value:.0%}" for value in before]
    return f" | stored runs: {', '.join(numbers)}, {_shown(metric, last)}"


def _agents(series: SeriesReport) -> Iterator[str]:
    """What each agent's calls took: means per trial and request."""
    share = len(series.cells) * series.requests
    for name in sorted({name for cell in series.cells for name in cell.by_agent}):
        used = [cell.by_agent[name] for cell in series.cells if name in cell.by_agent]
        calls = sum(usage.calls for usage in used) / share
        tokens = sum(usage.prompt_tokens + usage.completion_tokens for usage in used) / share
        seconds = sum(usage.seconds for usage in used) / share
        yield f"   {name or 'subject'}: {calls:.1f} calls, {tokens:,.0f} tokens, {seconds:.1f} s"


def _words(metric: str) -> str:
    return metric.removesuffix("_rate").replace("_", " ").capitalize()


def _shown(metric: str, value: float) -> str:
    unit = _UNITS.get(metric)
    return f"{value:,.1f} {unit}" if unit else f"{value:.0%}"
