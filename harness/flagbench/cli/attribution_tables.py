"""An attribution as text for people: what each flag does, what they do together, what is mixed."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from flagbench.analysis.attribution.effects import Attribution, Effect, MetricEffects, name_of
from flagbench.simulator.settings import SIMULATED

_WIDTH = 130
_PIPED_WIDTH = 1_000
_SHOWN_INTERACTIONS = 5
_SHOWN_ALIASES = 3
_DECIMALS = {"tokens": 0, "seconds": 2, "usd": 2}
# A request costs less than a cent.
_USD_REQUESTS = 1_000
# A figure of `mixed` would be read as the flag's own.
_MIXED = "mixed"


def console() -> Console:
    """Where to print; a pipe gets whole lines."""
    made = Console(highlight=False, soft_wrap=True)
    made.width = max(made.width, _WIDTH) if made.is_terminal else _PIPED_WIDTH
    return made


def show(found: Attribution, out: Console) -> None:
    """Print the effects of a scenario's flags on every metric."""
    out.print(f"{found.scenario}: what each flag does", style="bold", markup=False)
    design = "full design" if found.is_full else "part of the full design"
    provider = "simulated provider" if found.provider == SIMULATED else found.provider
    out.print(f"{found.runs} combinations ({design}), {found.trials} trial(s), {provider}")
    for metric in found.metrics:
        out.print(f"\n{_headline(metric)}", markup=False)
        out.print(_table(found, metric))
        for line in _interactions(metric):
            out.print(line, markup=False)
    out.print()
    for line in _legend(found):
        out.print(line, style="dim", markup=False)


def _headline(metric: MetricEffects) -> str:
    of = {"acceptance": "of all files", "usd": f"per {_USD_REQUESTS:,} requests"}
    per = of.get(metric.metric, "per request")
    told = f"{metric.metric} {per}: none {_value(metric.metric, metric.none)}"
    if metric.all is None or metric.whole is None:
        return told
    return (
        f"{told}, all {_value(metric.metric, metric.all)}; "
        f"all - none {_effect(metric.metric, metric.whole)}"
    )


def _table(found: Attribution, metric: MetricEffects) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    drawn.add_column("flag", no_wrap=True)
    columns = ["alone [95 %]", "last [95 %]", "main effect [95 %]"]
    if metric.shapley:
        columns += ["Shapley value [95 %]", "share"]
    for column in columns:
        drawn.add_column(column, justify="right", no_wrap=True)
    by_flag = [
        {one.flags[0]: one for one in effects}
        for effects in (metric.alone, metric.last, metric.main, metric.shapley)
    ]
    alone, last, main, shapley = by_flag
    whole = metric.whole.value if metric.whole else 0.0
    for flag in sorted(found.flags, key=lambda flag: _weight(flag, shapley or alone)):
        cells = [
            _optional(metric.metric, alone.get(flag)),
            _optional(metric.metric, last.get(flag)),
            _MIXED if is_mixed(found, flag) else _optional(metric.metric, main.get(flag)),
        ]
        if metric.shapley:
            value = shapley[flag].value
            share = f"{round(value / whole, 3) + 0.0:.1%}" if whole else "n/a"
            cells += [_effect(metric.metric, shapley[flag]), share]
        drawn.add_row(flag, *cells)
    if metric.shapley and metric.whole:
        drawn.add_row("sum", "", "", "", _value(metric.metric, whole, sign=True), "100.0%")
    return drawn


def is_mixed(found: Attribution, flag: str) -> bool:
    """Whether a main effect cannot be told from interactions of two flags."""
    return any(other.count(" x ") <= 1 for other, _ in found.aliased.get(flag, ()))


def _weight(flag: str, effects: dict[str, Effect]) -> tuple[float, str]:
    return (-abs(effects[flag].value) if flag in effects else 0.0, flag)


def _interactions(metric: MetricEffects) -> Iterator[str]:
    """The largest interactions that differ from zero, Holm's correction counted in."""
    told = [one for one in metric.interactions if one.p_holm is not None and one.p_holm < 0.05]
    if not metric.interactions:
        return
    if not told:
        yield "interactions of two flags: none differs from zero in these trials"
        return
    told.sort(key=lambda one: -abs(one.value))
    yield "interactions of two flags that differ from zero (Holm), largest first:"
    for one in told[:_SHOWN_INTERACTIONS]:
        yield f"  {name_of(one.flags)}: {_effect(metric.metric, one)}"
    if len(told) > _SHOWN_INTERACTIONS:
        yield f"  and {len(told) - _SHOWN_INTERACTIONS} more (--json has them)"


def _legend(found: Attribution) -> Iterator[str]:
    yield (
        "alone: against none. last: all against all without it. main effect: its mean over all "
        "settings of the others."
    )
    if found.is_full:
        yield (
            "Shapley value: its mean over all orders of switching the flags on; the values add up "
            "to all - none."
        )
    else:
        yield (
            "Shapley values need the full design. Main effects are by least squares and hold only "
            "if what they are mixed with is zero:"
        )
        for flag in found.flags:
            yield f"  {_aliases(found, flag)}"
        if found.lost:
            yield f"not estimated: {_enumerated(found.lost)}"
    if found.trials == 1:
        yield "One trial: the effects are exact for these recordings and say nothing of others."
    else:
        yield f"Intervals are over {found.trials} trials of this scenario, each effect by itself."
    if found.left_out:
        yield f"left out, for levels between off and on: {', '.join(found.left_out)}"


def _aliases(found: Attribution, flag: str) -> str:
    if flag not in found.aliased:
        return f"{flag}: not estimable"
    mixed = found.aliased[flag]
    if not mixed:
        return f"{flag}: mixed with nothing"
    fewest = mixed[0][0].count(" x ")
    first = [(name, factor) for name, factor in mixed if name.count(" x ") == fewest]
    told = ", ".join(f"{factor:+.2f} ({name})" for name, factor in first[:_SHOWN_ALIASES])
    more = f" and {len(mixed) - _SHOWN_ALIASES} more" if len(mixed) > _SHOWN_ALIASES else ""
    return f"{flag}: mixed with {told}{more}"


def _enumerated(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_ALIASES])
    more = len(names) - _SHOWN_ALIASES
    return f"{shown} and {more} more" if more > 0 else shown


def _optional(metric: str, effect: Effect | None) -> str:
    return "not run" if effect is None else _effect(metric, effect)


def _effect(metric: str, effect: Effect) -> str:
    told = _value(metric, effect.value, sign=True)
    if effect.low is None or effect.high is None:
        return told
    low, high = (_value(metric, x, sign=True) for x in (effect.low, effect.high))
    return f"{told} [{low}, {high}]".replace(" pp,", ",").replace(" pp]", "]")


def _value(metric: str, value: float, *, sign: bool = False) -> str:
    if metric == "acceptance":
        unit = " pp" if sign else " %"
        return f"{round(100 * value, 1) + 0.0:{'+' if sign else ''}.1f}{unit}"
    decimals = _DECIMALS[metric]
    value *= _USD_REQUESTS if metric == "usd" else 1
    return f"{round(value, decimals) + 0.0:{'+' if sign else ''},.{decimals}f}"
