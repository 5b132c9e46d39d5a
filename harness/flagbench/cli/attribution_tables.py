"""Tables of an attribution: effects of flags, their interactions and their aliases."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from flagbench.analysis.attribution.effects import Attribution, Effect, MetricEffects, name_of
from flagbench.plain_console import plain_console
from flagbench.report.text.own_metrics import own_number
from flagbench.simulator.settings import SIMULATED

_WIDTH = 130
_PIPED_WIDTH = 1_000
_SHOWN_INTERACTIONS = 5
_SHOWN_ALIASES = 3
_DECIMALS = {"tokens": 0, "seconds": 2, "usd": 2}
# A request costs less than a cent.
_USD_REQUESTS = 1_000
# Shown instead of an aliased main effect, which would be read as the flag's own.
_MIXED = "mixed"


def console() -> Console:
    """A console for tables; lines in a pipe are not cut."""
    return plain_console(width=_WIDTH, piped_width=_PIPED_WIDTH)


def show(attribution: Attribution, out: Console) -> None:
    """Print the effects of a scenario's flags on every metric."""
    out.print(f"{attribution.scenario}: what each flag does", style="bold")
    design = "full design" if attribution.is_full else "part of the full design"
    provider = "simulated provider" if attribution.provider == SIMULATED else attribution.provider
    out.print(
        f"{attribution.runs} combinations ({design}), {attribution.trials} trial(s), {provider}"
    )
    for metric in attribution.metrics:
        out.print(f"\n{_headline(metric)}")
        out.print(_table(attribution, metric))
        for line in _interactions(metric):
            out.print(line)
    out.print()
    for line in _legend(attribution):
        out.print(line, style="dim")


def _headline(metric: MetricEffects) -> str:
    of = {"acceptance": "of all files", "usd": f"per {_USD_REQUESTS:,} requests"}
    per = of.get(metric.metric, "per request" if metric.metric in _DECIMALS else "per session")
    headline = f"{metric.metric} {per}: none {_value(metric.metric, metric.none)}"
    if metric.all is None or metric.whole is None:
        return headline
    return (
        f"{headline}, all {_value(metric.metric, metric.all)}; "
        f"all - none {_effect(metric.metric, metric.whole)}"
    )


def _table(attribution: Attribution, metric: MetricEffects) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("flag", no_wrap=True)
    columns = ["alone [95 %]", "last [95 %]", "main effect [95 %]"]
    if metric.shapley:
        columns += ["Shapley value [95 %]", "share"]
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    by_flag = [
        {effect.flags[0]: effect for effect in effects}
        for effects in (metric.alone, metric.last, metric.main, metric.shapley)
    ]
    alone, last, main, shapley = by_flag
    whole = metric.whole.value if metric.whole else 0.0
    for flag in sorted(attribution.flags, key=lambda flag: _largest_first(flag, shapley or alone)):
        cells = [
            _optional(metric.metric, alone.get(flag)),
            _optional(metric.metric, last.get(flag)),
            _MIXED if is_mixed(attribution, flag) else _optional(metric.metric, main.get(flag)),
        ]
        if metric.shapley:
            value = shapley[flag].value
            share = f"{round(value / whole, 3) + 0.0:.1%}" if whole else "n/a"
            cells += [_effect(metric.metric, shapley[flag]), share]
        table.add_row(flag, *cells)
    if metric.shapley and metric.whole:
        share = "100.0%" if whole else "n/a"
        table.add_row("sum", "", "", "", _value(metric.metric, whole, sign=True), share)
    return table


def is_mixed(attribution: Attribution, flag: str) -> bool:
    """True when a main effect is aliased with another one or an interaction of two flags."""
    return any(other.count(" x ") <= 1 for other, _ in attribution.aliased.get(flag, ()))


def _largest_first(flag: str, effects: dict[str, Effect]) -> tuple[float, str]:
    return (-abs(effects[flag].value) if flag in effects else 0.0, flag)


def _interactions(metric: MetricEffects) -> Iterator[str]:
    """The largest interactions that differ from zero after Holm's correction."""
    significant = [
        effect
        for effect in metric.interactions
        if effect.p_holm is not None and effect.p_holm < 0.05
    ]
    if not metric.interactions:
        return
    if not significant:
        yield "interactions of two flags: none differs from zero in these trials"
        return
    significant.sort(key=lambda effect: -abs(effect.value))
    yield "interactions of two flags that differ from zero (Holm), largest first:"
    for effect in significant[:_SHOWN_INTERACTIONS]:
        yield f"  {name_of(effect.flags)}: {_effect(metric.metric, effect)}"
    if len(significant) > _SHOWN_INTERACTIONS:
        yield f"  and {len(significant) - _SHOWN_INTERACTIONS} more (--json has them)"


def _legend(attribution: Attribution) -> Iterator[str]:
    yield (
        "alone: against none. last: all against all without it. main effect: its mean over all "
        "settings of the others."
    )
    if attribution.is_full:
        yield (
            "Shapley value: its mean over all orders of switching the flags on; the values add up "
            "to all - none."
        )
    else:
        yield (
            "Shapley values need the full design. Main effects are by least squares and hold only "
            "if what they are mixed with is zero:"
        )
        for flag in attribution.flags:
            yield f"  {_aliases(attribution, flag)}"
        if attribution.lost:
            yield f"not estimated: {_enumerated(attribution.lost)}"
    if attribution.trials == 1:
        yield "One trial: the effects are exact for these recordings and say nothing of others."
    else:
        trials = attribution.trials
        yield f"Intervals are over {trials} trials of this scenario, each effect by itself."
    if attribution.left_out:
        yield f"left out, for levels between off and on: {', '.join(attribution.left_out)}"


def _aliases(attribution: Attribution, flag: str) -> str:
    if flag not in attribution.aliased:
        return f"{flag}: not estimable"
    mixed = attribution.aliased[flag]
    if not mixed:
        return f"{flag}: mixed with nothing"
    fewest = mixed[0][0].count(" x ")
    first = [(name, factor) for name, factor in mixed if name.count(" x ") == fewest]
    aliases = ", ".join(f"{factor:+.2f} ({name})" for name, factor in first[:_SHOWN_ALIASES])
    more = f" and {len(mixed) - _SHOWN_ALIASES} more" if len(mixed) > _SHOWN_ALIASES else ""
    return f"{flag}: mixed with {aliases}{more}"


def _enumerated(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_ALIASES])
    more = len(names) - _SHOWN_ALIASES
    return f"{shown} and {more} more" if more > 0 else shown


def _optional(metric: str, effect: Effect | None) -> str:
    return "not run" if effect is None else _effect(metric, effect)


def _effect(metric: str, effect: Effect) -> str:
    value = _value(metric, effect.value, sign=True)
    if effect.low is None or effect.high is None:
        return value
    low, high = (_value(metric, x, sign=True) for x in (effect.low, effect.high))
    return f"{value} [{low}, {high}]".replace(" pp,", ",").replace(" pp]", "]")


def _value(metric: str, value: float, *, sign: bool = False) -> str:
    if metric == "acceptance":
        unit = " pp" if sign else " %"
        return f"{round(100 * value, 1) + 0.0:{'+' if sign else ''}.1f}{unit}"
    plus = "+" if sign else ""
    if metric not in _DECIMALS:
        return own_number(value, plus)
    decimals = _DECIMALS[metric]
    value *= _USD_REQUESTS if metric == "usd" else 1
    return f"{round(value, decimals) + 0.0:{plus},.{decimals}f}"
