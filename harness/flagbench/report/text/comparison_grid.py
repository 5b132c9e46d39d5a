"""A comparison as tables of texts: metric by metric, and by scenario or request."""

from collections.abc import Callable
from functools import partial

from flagbench.analysis.comparison.breakdown import Means
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import RATES
from flagbench.analysis.comparison.metrics import Limited
from flagbench.report.content import Grid
from flagbench.report.text.own_metrics import own_number
from flagbench.shown_numbers import rate, shown_amount

_POINTS = " pp"
_DECIMALS = {"tokens": 0, "seconds": 2, "usd": 5, "calls": 2}


def metrics(comparison: Comparison) -> Grid:
    """A row for each metric: amounts per request, rates as shares of all files.

    A number that the recordings do not determine is `n/a`.
    """
    columns = ("per request", "weighs", "A", "B", "B - A [95 %]", "B / A [95 %]", "effect",
               "pairs", "p", "p (Holm)")  # fmt: skip
    rows = [
        (
            metric.metric,
            metric.weight,
            _value(metric.metric, metric.a),
            _value(metric.metric, metric.b),
            limited(metric.difference, partial(difference, metric.metric)),
            limited(metric.ratio, "{:.3f}".format),
            f"{metric.effect_name} {metric.effect + 0.0:+.2f}",
            f"{metric.units:,}",
            _p(metric.p),
            _p(metric.p_holm),
        )
        for metric in comparison.metrics
    ]
    return Grid("B against A, metric by metric", columns, rows)


def changes(means: Means, by: str) -> Grid:
    """Changes in each scenario or request: amounts in per cent, rates in points."""
    measured = list(dict.fromkeys(metric for values in means.values() for metric in values))
    rows = [
        (name, *(_change(metric, values.get(metric)) for metric in measured))
        for name, values in means.items()
    ]
    return Grid(f"B against A, {by} by {by}", (by, *measured), rows)


def _change(metric: str, values: tuple[float, float] | None) -> str:
    if values is None:
        return "n/a"
    a, b = values
    if metric in RATES:
        return difference(metric, b - a)
    return f"{round(b / a - 1, 3) + 0.0:+.1%}" if a else "n/a"


def limited(value: Limited, text_of: Callable[[float], str]) -> str:
    """A number with its limits; `text_of` formats each."""
    if value.value is None:
        return "n/a"
    if value.low is None or value.high is None:
        return text_of(value.value)
    low, high = (text_of(x).removesuffix(_POINTS) for x in (value.low, value.high))
    return f"{text_of(value.value)} [{low}, {high}]"


def _value(metric: str, value: float) -> str:
    if metric not in _DECIMALS:
        return rate(value, 1) if metric in RATES else own_number(value)
    return shown_amount(value, _DECIMALS[metric])


def difference(metric: str, value: float) -> str:
    """A change of a metric with its sign: rates in points, amounts in their own unit."""
    if metric in RATES:
        return f"{round(100 * value, 1) + 0.0:+.1f}{_POINTS}"
    if metric not in _DECIMALS:
        return own_number(value, "+")
    return shown_amount(value, _DECIMALS[metric], "+")


def _p(value: float | None) -> str:
    if value is None:
        return "n/a"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
