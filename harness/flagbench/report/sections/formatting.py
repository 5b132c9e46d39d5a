"""Amounts of an attribution in words: what a request costs, and what a flag changes of it."""

LABELS = {
    "tokens": "tokens a request",
    "seconds": "seconds a request",
    "usd": "US$ for 1,000 requests",
    "acceptance": "share of files accepted",
}
_DECIMALS = {"tokens": 0, "seconds": 1, "usd": 2}
# A request costs less than a cent.
_USD_REQUESTS = 1_000


def amount(metric: str, value: float) -> str:
    """A value of a metric of attribution, in the unit of its label."""
    if metric == "acceptance":
        return f"{value:.1%}"
    return f"{_scaled(metric, value):,.{_DECIMALS[metric]}f}"


def change(metric: str, value: float, whole: float | None = None) -> str:
    """A difference with its sign, and if asked how much it is of `whole`; "0" for none."""
    if metric == "acceptance":
        return f"{_shown(100 * value, 1):+.1f} pp"
    decimals = _DECIMALS[metric]
    shown = _shown(_scaled(metric, value), decimals)
    if not shown:
        return "0"
    percent = _shown(100 * value / whole, 0) if whole else 0.0
    return f"{shown:+,.{decimals}f} ({percent:+.0f}%)" if percent else f"{shown:+,.{decimals}f}"


def _scaled(metric: str, value: float) -> float:
    return value * _USD_REQUESTS if metric == "usd" else value


def _shown(value: float, decimals: int) -> float:
    """What is rounded away has no sign."""
    return round(value, decimals) + 0.0
