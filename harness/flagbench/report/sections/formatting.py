"""Formatting of amounts and changes in the attribution sections."""

from flagbench.report.text.own_metrics import own_number
from flagbench.shown_numbers import rate

LABELS = {
    "tokens": "tokens per request",
    "seconds": "seconds per request",
    "usd": "US$ per 1,000 requests",
    "acceptance": "share of files accepted",
}
_DECIMALS = {"tokens": 0, "seconds": 1, "usd": 2}
# A request costs less than a cent.
_USD_REQUESTS = 1_000


def amount(metric: str, value: float) -> str:
    """An amount of a metric, in the unit of its label."""
    if metric == "acceptance":
        return rate(value, 1)
    if metric not in _DECIMALS:
        return own_number(value)
    return f"{_scale(metric, value):,.{_DECIMALS[metric]}f}"


def change(metric: str, value: float, whole: float | None = None) -> str:
    """A difference with its sign and, with `whole`, its share in percent; "0" for none."""
    if metric == "acceptance":
        return f"{_round(100 * value, 1):+.1f} pp"
    if metric not in _DECIMALS:
        return own_number(value, "+")
    decimals = _DECIMALS[metric]
    rounded = _round(_scale(metric, value), decimals)
    if not rounded:
        return "0"
    percent = _round(100 * value / whole, 0) if whole else 0.0
    return f"{rounded:+,.{decimals}f} ({percent:+.0f}%)" if percent else f"{rounded:+,.{decimals}f}"


def _scale(metric: str, value: float) -> float:
    return value * _USD_REQUESTS if metric == "usd" else value


def _round(value: float, decimals: int) -> float:
    """Round, without a negative zero."""
    return round(value, decimals) + 0.0
