"""Tables of a comparison, the scope of its intervals, and its gates."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flagbench.analysis.comparison import breakdown, splitting
from flagbench.analysis.comparison.breakdown import Means
from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.comparison.gate import RATES, Answer, Judgement, Unit
from flagbench.analysis.comparison.metrics import Limited
from flagbench.analysis.comparison.pairing import Paired
from flagbench.analysis.statistics.intervals import RESAMPLES, SEED, About, Method
from flagbench.plain_console import plain_console
from flagbench.report.text import split_text
from flagbench.report.text.own_metrics import own_number
from flagbench.report.text.token_remark import remark
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
    """A console for tables; lines in a pipe are not cut."""
    return plain_console(width=_WIDTH, piped_width=_PIPED_WIDTH)


def show(
    names: tuple[str, str], paired: Paired, comparison: Comparison, out: Console, *, details: bool
) -> None:
    """Print a comparison. `details` adds a table of the requests."""
    out.print(f"A = {names[0]}\nB = {names[1]}", style="bold")
    for line in _basis(paired, comparison):
        out.print(line)
    out.print(_metrics(comparison))
    for line in (*comparison.absent, *_methods(comparison)):
        out.print(line, style="dim")
    for part in splitting.split(paired):
        out.print(f"exactly: {split_text.line(part)}")
    rows = breakdown.rows(paired)
    if comparison.scenarios > 1:
        out.print(_breakdown(breakdown.by_scenario(rows), "scenario"))
    if details:
        out.print(_breakdown(breakdown.by_request(rows), "request"))


def show_gates(judgements: Sequence[Judgement], answer: Answer, out: Console) -> None:
    """Print the answer of each gate, and that of all of them together."""
    for judgement in judgements:
        answer_text = Text(f"{judgement.answer} ", style=_STYLES[judgement.answer])
        out.print(answer_text + Text(_describe(judgement)))
        if judgement.answer is Answer.INCONCLUSIVE and judgement.chances:
            out.print(_power(judgement))
    if len(judgements) > 1:
        out.print(Text(f"together: {answer}", style=_STYLES[answer]))
        out.print("Each gate is judged at 95 %, without correction for their number.", style="dim")


def _power(judgement: Judgement) -> Table:
    """Table of the chances of FAIL, by the true effect and the repetitions."""
    condition, what = judgement.condition, judgement.repetitions
    counts = list(judgement.chances[0][1])
    table = _table("true effect", *(f"FAIL with {count:,} {what}" for count in counts))
    for effect, shares in judgement.chances:
        shown = _in_unit(condition.metric, condition.unit, effect)
        table.add_row(shown, *(f"{shares[count]:.0%}" for count in counts))
    return table


def _basis(paired: Paired, comparison: Comparison) -> Iterator[str]:
    first = paired.pairs[0].a
    yield (
        f"{comparison.scenarios} scenario(s), {comparison.cells} recordings (scenario and trial), "
        f"{comparison.requests} requests, each on both sides"
    )
    providers = sorted({cell.provider for pair in paired.pairs for cell in (pair.a, pair.b)})
    names = ", ".join(
        "simulated provider" if provider == SIMULATED else provider for provider in providers
    )
    since = f", prices since {first.price_since}" if first.price_since else ""
    yield f"{names}, {first.model}, {first.tokenizer}{since}"
    for side, cells in (
        ("A", [pair.a for pair in paired.pairs]),
        ("B", [pair.b for pair in paired.pairs]),
    ):
        if told := remark(cells):
            yield f"{side}: {told}"
    if SIMULATED in providers:
        yield "What it shows is about prompts, calls, schedule and checks, not a vendor's model."
    if paired.left_out:
        yield f"left out, since one side lacks them: {', '.join(paired.left_out)}"
    if paired.declared:
        yield f"declared to differ: {', '.join(paired.declared)}"


def _metrics(comparison: Comparison) -> Table:
    table = _table("per request", "weighs", "A", "B", "B - A [95 %]", "B / A [95 %]", "effect",
                   "pairs", "p", "p (Holm)")  # fmt: skip
    for metric in comparison.metrics:
        table.add_row(
            metric.metric,
            metric.weight,
            _value(metric.metric, metric.a),
            _value(metric.metric, metric.b),
            _limited(metric.difference, partial(_difference, metric.metric)),
            _limited(metric.ratio, "{:.3f}".format),
            f"{metric.effect_name} {metric.effect + 0.0:+.2f}",
            f"{metric.units:,}",
            _p(metric.p),
            _p(metric.p_holm),
        )
    return table


def _breakdown(means: Means, by: str) -> Table:
    """Changes in each scenario or request: amounts in per cent, rates in points."""
    metrics = list(dict.fromkeys(metric for values in means.values() for metric in values))
    table = _table(by, *metrics)
    for name, values in means.items():
        table.add_row(name, *(_change(metric, values.get(metric)) for metric in metrics))
    return table


def _change(metric: str, values: tuple[float, float] | None) -> str:
    if values is None:
        return "n/a"
    a, b = values
    if metric in RATES:
        return _difference(metric, b - a)
    return f"{round(b / a - 1, 3) + 0.0:+.1%}" if a else "n/a"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, no_wrap=True)
    for column in others:
        table.add_column(column, justify="right", no_wrap=True)
    return table


_MORE = {
    Method.BOOTSTRAP: f" ({RESAMPLES:,} resamples, seed {SEED})",
    Method.STUDENT: " (too few different values to resample)",
    Method.EXACT: " (Clopper-Pearson, McNemar) for as many independent files as these are worth",
    Method.WILSON: " (Bonett and Price) for as many independent files as these are worth",
    Method.CONSTANT: ", which says nothing of others and decides nothing",
    Method.SAME_CALLS: ", so that the difference is exact",
}


def _methods(comparison: Comparison) -> Iterator[str]:
    yield _HOLDS_FOR[comparison.about]
    methods: dict[Method, list[str]] = {}
    for metric in comparison.metrics:
        if metric.method == metric.ratio_method:
            methods.setdefault(Method(metric.method), []).append(metric.metric)
            continue
        methods.setdefault(Method(metric.method), []).append(f"{metric.metric} (B - A)")
        methods.setdefault(Method(metric.ratio_method), []).append(f"{metric.metric} (B / A)")
    for method, metrics in methods.items():
        if method is not Method.NONE:
            yield f"{', '.join(metrics)}: {method}{_MORE[method]}"
    yield "Amounts weigh every scenario the same, rates every file."
    if own := comparison.paired.own_metrics:
        yield f"Of the whole session, reported by the subject: {', '.join(own)}."
    if comparison.about is About.SCENARIOS and comparison.scenarios < _FEW_SCENARIOS:
        yield f"{comparison.scenarios} scenarios say little about others; see --about trials."


def _describe(judgement: Judgement) -> str:
    condition = judgement.condition
    if judgement.measured is None:
        return f"{condition.text}: {judgement.reason}"
    limits = Limited(judgement.measured, judgement.low, judgement.high)
    change = _limited(limits, partial(_in_unit, condition.metric, condition.unit))
    text = f"{condition.text}: B - A is {change}; {judgement.reason}"
    if judgement.answer is not Answer.INCONCLUSIVE:
        return text
    in_unit = partial(_in_unit, condition.metric, condition.unit)
    if judgement.smallest is not None:
        text += (
            ". The smallest effect beyond the bound that these recordings would show 4 times in 5: "
            f"{in_unit(judgement.smallest)}"
        )
    return "".join([text, *_plan(judgement, in_unit)])


def _plan(judgement: Judgement, in_unit: Callable[[float], str]) -> Iterator[str]:
    """Sentences on the recordings that would decide, with 80 % power."""
    what = "trials of each scenario" if judgement.repetitions == About.TRIALS else "scenarios"
    if judgement.to_pass is not None:
        yield f". {judgement.to_pass:,} {what} would PASS if nothing had changed"
    if judgement.to_fail is not None and judgement.target is not None:
        yield f". {judgement.to_fail:,} {what} would FAIL an effect of {in_unit(judgement.target)}"


def _in_unit(metric: str, unit: Unit, value: float) -> str:
    return f"{round(value, 3) + 0.0:+.1%}" if unit is Unit.PERCENT else _difference(metric, value)


def _limited(limited: Limited, text_of: Callable[[float], str]) -> str:
    if limited.value is None:
        return "n/a"
    if limited.low is None or limited.high is None:
        return text_of(limited.value)
    low, high = (text_of(x).removesuffix(_POINTS) for x in (limited.low, limited.high))
    return f"{text_of(limited.value)} [{low}, {high}]"


def _value(metric: str, value: float) -> str:
    if metric not in _DECIMALS:
        return f"{value:.1%}" if metric in RATES else own_number(value)
    return f"{value:,.{_DECIMALS[metric]}f}"


def _difference(metric: str, value: float) -> str:
    if metric in RATES:
        return f"{round(100 * value, 1) + 0.0:+.1f}{_POINTS}"
    if metric not in _DECIMALS:
        return own_number(value, "+")
    return f"{round(value, _DECIMALS[metric]) + 0.0:+,.{_DECIMALS[metric]}f}"


def _p(value: float | None) -> str:
    if value is None:
        return "n/a"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
