"""The effects of a scenario's flags on a metric as a table of texts."""

from flagbench.analysis.attribution.effects import Attribution, Effect, MetricEffects
from flagbench.report.content import Grid
from flagbench.report.text.own_metrics import own_number
from flagbench.shown_numbers import rate, shown_amount

_DECIMALS = {"tokens": 0, "seconds": 2, "usd": 2}
# A request costs less than a cent.
_USD_REQUESTS = 1_000
# Shown instead of an aliased main effect, which would be read as the flag's own.
_MIXED = "mixed"
_NOT_RUN, _NOT_ESTIMABLE = "not run", "not estimable"


def effects(attribution: Attribution, metric: MetricEffects) -> Grid:
    """A row for each flag, the largest effect first; the caption has none, all and the change.

    Amounts are per request, dollars per 1,000 of them; a setting that was not run is `not run`,
    a main effect that those that were run do not show is `not estimable`.
    """
    columns = ["flag", "alone [95 %]", "last [95 %]", "main effect [95 %]"]
    if metric.shapley:
        columns += ["Shapley value [95 %]", "share"]
    rows = list[tuple[str, ...]]()
    by_flag = [
        {effect.flags[0]: effect for effect in kind}
        for kind in (metric.alone, metric.last, metric.main, metric.shapley)
    ]
    alone, last, main, shapley = by_flag
    whole = metric.whole.value if metric.whole else 0.0
    for flag in sorted(attribution.flags, key=lambda flag: _largest_first(flag, shapley or alone)):
        cells = [
            _optional(metric.metric, alone.get(flag)),
            _optional(metric.metric, last.get(flag)),
            _MIXED
            if _is_mixed(attribution, flag)
            else _optional(metric.metric, main.get(flag), _NOT_ESTIMABLE),
        ]
        if metric.shapley:
            value = shapley[flag].value
            share = f"{round(value / whole, 3) + 0.0:.1%}" if whole else "n/a"
            cells += [effect_text(metric.metric, shapley[flag]), share]
        rows.append((flag, *cells))
    if metric.shapley and metric.whole:
        share = "100.0%" if whole else "n/a"
        rows.append(("sum", "", "", "", _value(metric.metric, whole, sign=True), share))
    return Grid(_headline(metric), columns, rows)


def _headline(metric: MetricEffects) -> str:
    of = {"acceptance": "of all files", "usd": f"per {_USD_REQUESTS:,} requests"}
    per = of.get(metric.metric, "per request" if metric.metric in _DECIMALS else "per session")
    headline = f"{metric.metric} {per}: none {_value(metric.metric, metric.none)}"
    if metric.all is None or metric.whole is None:
        return headline
    return (
        f"{headline}, all {_value(metric.metric, metric.all)}; "
        f"all - none {effect_text(metric.metric, metric.whole)}"
    )


def _is_mixed(attribution: Attribution, flag: str) -> bool:
    """True when a main effect is aliased with another one or an interaction of two flags."""
    return any(other.count(" x ") <= 1 for other, _ in attribution.aliased.get(flag, ()))


def _largest_first(flag: str, effects: dict[str, Effect]) -> tuple[float, str]:
    return (-abs(effects[flag].value) if flag in effects else 0.0, flag)


def _optional(metric: str, effect: Effect | None, lacking: str = _NOT_RUN) -> str:
    return lacking if effect is None else effect_text(metric, effect)


def effect_text(metric: str, effect: Effect) -> str:
    """An effect with its limits, in the unit of its table."""
    value = _value(metric, effect.value, sign=True)
    if effect.low is None or effect.high is None:
        return value
    low, high = (_value(metric, x, sign=True) for x in (effect.low, effect.high))
    return f"{value} [{low}, {high}]".replace(" pp,", ",").replace(" pp]", "]")


def _value(metric: str, value: float, *, sign: bool = False) -> str:
    if metric == "acceptance":
        if not sign:
            return rate(value, 1).replace("%", " %")
        return f"{round(100 * value, 1) + 0.0:+.1f} pp"
    plus = "+" if sign else ""
    if metric not in _DECIMALS:
        return own_number(value, plus)
    value *= _USD_REQUESTS if metric == "usd" else 1
    return shown_amount(value, _DECIMALS[metric], plus)
