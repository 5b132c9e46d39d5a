"""Sentences on a comparison: its basis, and the scope and methods of its intervals."""

from collections.abc import Iterator

from flagbench.analysis.comparison.comparison import Comparison
from flagbench.analysis.statistics.intervals import RESAMPLES, SEED, About, Method
from flagbench.report.text.token_remark import remark
from flagbench.simulator.settings import SIMULATED

_HOLDS_FOR = {
    About.SCENARIOS: "Intervals are about other scenarios like these and other recordings of them "
    "(95 %).",
    About.TRIALS: "Intervals are about other recordings of these scenarios, not about other "
    "scenarios (95 %).",
    About.RECORDINGS: "The differences are exact for these recordings. They do not generalise: "
    "without intervals nothing is said of other recordings or scenarios.",
}
_MORE = {
    Method.BOOTSTRAP: f" ({RESAMPLES:,} resamples, seed {SEED})",
    Method.STUDENT: " (too few different values to resample)",
    Method.EXACT: " (Clopper-Pearson, McNemar) for as many independent files as these are worth",
    Method.WILSON: " (Bonett and Price) for as many independent files as these are worth",
    Method.CONSTANT: ", which says nothing of others and decides nothing",
    Method.SAME_CALLS: ", so that the difference is exact",
}


def basis(comparison: Comparison) -> Iterator[str]:
    """Sentences on what was compared: how much of it, from which provider, what is left out."""
    paired = comparison.paired
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


def methods(comparison: Comparison) -> Iterator[str]:
    """Sentences on what the intervals hold for, if there are any, and the method of each metric."""
    limited = (each for metric in comparison.metrics for each in (metric.difference, metric.ratio))
    if comparison.about is About.RECORDINGS or any(each.low is not None for each in limited):
        yield _HOLDS_FOR[comparison.about]
    by_method: dict[Method, list[str]] = {}
    for metric in comparison.metrics:
        if metric.method == metric.ratio_method:
            by_method.setdefault(Method(metric.method), []).append(metric.metric)
            continue
        by_method.setdefault(Method(metric.method), []).append(f"{metric.metric} (B - A)")
        by_method.setdefault(Method(metric.ratio_method), []).append(f"{metric.metric} (B / A)")
    for method, names in by_method.items():
        if method is not Method.NONE:
            yield f"{', '.join(names)}: {method}{_MORE[method]}"
    yield "Amounts weigh every scenario the same, rates every file."
    if own := comparison.paired.own_metrics:
        yield f"Of the whole session, reported by the subject: {', '.join(own)}."
