"""A dashboard in the terminal: one series against thresholds, its agents, and advice."""

from collections.abc import Iterator, Sequence

from flagbench import known_amounts
from flagbench.report.history import Run
from flagbench.report.series_report import SeriesReport
from flagbench.shown_numbers import rate

_UNITS = {"seconds": "s", "tokens": "tokens", "usd": "US$", "calls": "calls"}
# A threshold missed by at most this share counts as near.
_NEAR = 0.1
# report.html has further stored runs.
_SHOWN_RUNS = 5


def lines(series: SeriesReport, stored: Sequence[Run] = ()) -> Iterator[str]:
    """The dashboard of a series, empty without thresholds. Amounts are per request.

    `stored` are the stored runs, oldest first; a figure in two or more of them is shown with its
    trend.
    """
    if not series.thresholds or not series.metrics:
        return
    yield f"Performance dashboard ({series.scenario}::{series.combination}, per request):"
    advice = []
    for metric, threshold in series.thresholds.items():
        if metric not in series.metrics:
            yield f"   {_label(metric)}: not measured"
            continue
        value, bound = _figure(metric, series.metrics[metric], series.requests), threshold.value
        is_met = value <= bound if threshold.better == "lower" else value >= bound
        off = value / bound - 1 if bound else value
        verdict = "kept" if is_met else "near" if abs(off) <= _NEAR else "missed"
        yield (
            f"   {_label(metric)}: {_format(metric, value)} vs {_format(metric, bound)} "
            f"({off:+z.0%}) {verdict}{_trend(series, metric, stored)}"
        )
        if not is_met:
            advice.append(threshold.advice)
    yield from _agents(series)
    yield from (f"   Advice: {text}" for text in advice)
    if not advice:
        yield "   Advice: none, every threshold is met"


def _figure(metric: str, value: float, requests: int) -> float:
    return value / requests if metric in _UNITS else value


def _trend(series: SeriesReport, metric: str, stored: Sequence[Run]) -> str:
    """The figure in the last stored runs, such as " | stored runs: 41.0, 32.5 s"."""
    values = [
        _figure(metric, run.series[series.combination][metric], run.requests)
        for run in stored
        if metric in run.series.get(series.combination, {})
    ]
    if len(values) < 2:
        return ""
    *before, last = values[-_SHOWN_RUNS:]
    numbers = [f"{value:,.1f}" if metric in _UNITS else rate(value) for value in before]
    return f" | stored runs: {', '.join(numbers)}, {_format(metric, last)}"


def _agents(series: SeriesReport) -> Iterator[str]:
    """Calls, tokens and seconds of each agent: means per trial and request."""
    share = len(series.cells) * series.requests
    for name in sorted({name for cell in series.cells for name in cell.by_agent}):
        used = [cell.by_agent[name] for cell in series.cells if name in cell.by_agent]
        calls = sum(usage.calls for usage in used) / share
        tokens = sum(usage.prompt_tokens + usage.completion_tokens for usage in used) / share
        seconds = known_amounts.total(usage.seconds for usage in used)
        time = "time unknown" if seconds is None else f"{seconds / share:.1f} s"
        yield f"   {name or 'subject'}: {calls:.1f} calls, {tokens:,.0f} tokens, {time}"


def _label(metric: str) -> str:
    return metric.removesuffix("_rate").replace("_", " ").capitalize()


def _format(metric: str, value: float) -> str:
    unit = _UNITS.get(metric)
    return f"{value:,.1f} {unit}" if unit else rate(value)
