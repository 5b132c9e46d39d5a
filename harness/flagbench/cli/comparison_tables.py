"""A comparison as text for people: tables, what they hold for, and the gates."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flagbench.analysis.comparison import breakdown
from flagbench.analysis.comparison.breakdown import Means
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import RATES, Answer, Judgement, Unit
from flagbench.analysis.comparison.metrics import Limited
from flagbench.analysis.comparison.pairing import Paired
from flagbench.analysis.statistics.intervals import RESAMPLES, SEED, About, Method
from flagbench.simulator.settings import SIMULATED

_WIDTH = 130
_PIPED_WIDTH = 1_000
_POINTS = " pp"
_FEW_SCENARIOS = 4
_STYLES = {Answer.PASS: "green", Answer.FAIL: "bold red", Answer.INCONCLUSIVE: "bold yellow"}
_DECIMALS = {"tokens": 0, "seconds": 2, "usd": 5, "calls": 2}
_HOLDS_FOR = {
    About.SCENARIOS: "Intervals are about other scenarios like these and other recordings of them "
    "(95 %).",
    About.TRIALS: "Intervals are about other recordings of these scenarios, not about other "
    "scenarios (95 %).",
    About.RECORDINGS: "The differences are exact for these recordings. They do not generalise: "
    "without intervals nothing is said of other recordings or scenarios.",
}


def console() -> Console:
    """Where to print; a pipe gets whole lines."""
    made = Console(highlight=False, soft_wrap=True)
    made.width = max(made.width, _WIDTH) if made.is_terminal else _PIPED_WIDTH
    return made


def show(
    names: tuple[str, str], paired: Paired, comparison: Comparison, out: Console, *, details: bool
) -> None:
    """Print a comparison. `details` adds a table of the requests."""
    out.print(f"A = {names[0]}\nB = {names[1]}", style="bold", markup=False)
    for line in _basis(paired, comparison):
        out.print(line, markup=False)
    out.print(_metrics(comparison))
    for line in (*comparison.absent, *_how(comparison)):
        out.print(line, style="dim", markup=False)
    rows = breakdown.rows(paired)
    if comparison.scenarios > 1:
        out.print(_breakdown(breakdown.by_scenario(rows), "scenario"))
    if details:
        out.print(_breakdown(breakdown.by_request(rows), "request"))


def show_gates(judgements: Sequence[Judgement], answer: Answer, out: Console) -> None:
    """Print what each gate says, and all of them together."""
    for one in judgements:
        out.print(Text(f"{one.answer} ", style=_STYLES[one.answer]) + Text(_told(one)))
    if len(judgements) > 1:
        out.print(Text(f"together: {answer}", style=_STYLES[answer]))


def _basis(paired: Paired, comparison: Comparison) -> Iterator[str]:
    first = paired.pairs[0].a
    yield (
        f"{comparison.scenarios} scenario(s), {comparison.cells} recordings (scenario and trial), "
        f"{comparison.requests} requests, each on both sides"
    )
    providers = sorted({cell.provider for one in paired.pairs for cell in (one.a, one.b)})
    told = ", ".join("simulated provider" if one == SIMULATED else one for one in providers)
    since = f", prices since {first.price_since}" if first.price_since else ""
    yield f"{told}, {first.model}, {first.tokenizer}{since}"
    if SIMULATED in providers:
        yield "What it shows is about prompts, calls, schedule and checks, not a vendor's model."
    if paired.left_out:
        yield f"left out, since one side lacks them: {', '.join(paired.left_out)}"
    if paired.declared:
        yield f"declared to differ: {', '.join(paired.declared)}"


def _metrics(comparison: Comparison) -> Table:
    drawn = _table("per request", "A", "B", "B - A [95 %]", "B / A [95 %]", "effect", "pairs", "p",
                   "p (Holm)")  # fmt: skip
    for one in comparison.metrics:
        drawn.add_row(
            one.metric,
            _value(one.metric, one.a),
            _value(one.metric, one.b),
            _limited(one.difference, partial(_difference, one.metric)),
            _limited(one.ratio, "{:.3f}".format),
            f"{one.effect_name} {one.effect + 0.0:+.2f}",
            f"{one.units:,}",
            _p(one.p),
            _p(one.p_holm),
        )
    return drawn


def _breakdown(means: Means, by: str) -> Table:
    """What changed in each scenario or request: amounts in per cent, rates in points."""
    metrics = list(dict.fromkeys(metric for values in means.values() for metric in values))
    drawn = _table(by, *metrics)
    for name, values in means.items():
        drawn.add_row(name, *(_change(metric, values.get(metric)) for metric in metrics))
    return drawn


def _change(metric: str, values: tuple[float, float] | None) -> str:
    if values is None:
        return "n/a"
    a, b = values
    if metric in RATES:
        return _difference(metric, b - a)
    return f"{round(b / a - 1, 3) + 0.0:+.1%}" if a else "n/a"


def _table(first: str, *others: str) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    drawn.add_column(first, no_wrap=True)
    for column in others:
        drawn.add_column(column, justify="right", no_wrap=True)
    return drawn


_MORE = {
    Method.BOOTSTRAP: f" ({RESAMPLES:,} resamples, seed {SEED})",
    Method.STUDENT: " (too few different values to resample)",
    Method.EXACT: " (Clopper-Pearson, McNemar) for as many independent files as these are worth",
    Method.CONSTANT: ", which says nothing of rare ones",
}


def _how(comparison: Comparison) -> Iterator[str]:
    yield _HOLDS_FOR[comparison.about]
    methods: dict[Method, list[str]] = {}
    for one in comparison.metrics:
        methods.setdefault(Method(one.method), []).append(one.metric)
    for method, metrics in methods.items():
        if method is not Method.NONE:
            yield f"{', '.join(metrics)}: {method}{_MORE[method]}"
    if comparison.about is About.SCENARIOS and comparison.scenarios < _FEW_SCENARIOS:
        yield f"{comparison.scenarios} scenarios tell little of others; --about trials keeps them."


def _told(one: Judgement) -> str:
    condition = one.condition
    if one.measured is None:
        return f"{condition.text}: {one.reason}"
    limits = Limited(one.measured, one.low, one.high)
    told = _limited(limits, partial(_in_unit, condition.metric, condition.unit))
    told = f"{condition.text}: B - A is {told}; {one.reason}"
    if one.answer is Answer.INCONCLUSIVE and one.smallest is not None:
        smallest = _in_unit(condition.metric, condition.unit, one.smallest).lstrip("+")
        told += f". The smallest effect that these recordings would show 4 times in 5: {smallest}"
    return told


def _in_unit(metric: str, unit: Unit, value: float) -> str:
    return f"{round(value, 3) + 0.0:+.1%}" if unit is Unit.PERCENT else _difference(metric, value)


def _limited(limited: Limited, told: Callable[[float], str]) -> str:
    if limited.value is None:
        return "n/a"
    if limited.low is None or limited.high is None:
        return told(limited.value)
    low, high = (told(x).removesuffix(_POINTS) for x in (limited.low, limited.high))
    return f"{told(limited.value)} [{low}, {high}]"


def _value(metric: str, value: float) -> str:
    return f"{value:.1%}" if metric in RATES else f"{value:,.{_DECIMALS[metric]}f}"


def _difference(metric: str, value: float) -> str:
    if metric in RATES:
        return f"{round(100 * value, 1) + 0.0:+.1f}{_POINTS}"
    return f"{round(value, _DECIMALS[metric]) + 0.0:+,.{_DECIMALS[metric]}f}"


def _p(value: float | None) -> str:
    if value is None:
        return "n/a"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
