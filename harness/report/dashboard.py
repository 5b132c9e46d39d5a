"""A dashboard in the terminal: one series against bars, what its agents did, and what to do."""

from collections.abc import Iterator

from harness.report.run_report import SeriesReport

_UNITS = {"seconds": "s", "tokens": "tokens", "usd": "US$", "calls": "calls"}
# A bar that is missed by no more than this share is near.
_NEAR = 0.1


def lines(one: SeriesReport) -> Iterator[str]:
    """The dashboard of a series that has bars; nothing for another. Amounts are per request."""
    if not one.bars or not one.metrics:
        return
    yield f"Performance dashboard ({one.scenario}::{one.combination}, per request):"
    advice = []
    for metric, bar in one.bars.items():
        if metric not in one.metrics:
            yield f"   {_words(metric)}: not measured"
            continue
        value, wanted = _figure(one, metric), float(bar["value"])
        better = value <= wanted if bar["better"] == "lower" else value >= wanted
        off = value / wanted - 1 if wanted else value
        verdict = "kept" if better else "near" if abs(off) <= _NEAR else "missed"
        yield (
            f"   {_words(metric)}: {_shown(metric, value)} vs {_shown(metric, wanted)} "
            f"({off:+.0%}) {verdict}"
        )
        if not better:
            advice.append(str(bar["advice"]))
    yield from _agents(one)
    yield from (f"   Advice: {text}" for text in advice)
    if not advice:
        yield "   Advice: every bar is kept; raise them, or leave it so"


def _figure(one: SeriesReport, metric: str) -> float:
    value = one.metrics[metric]
    return value / one.requests if metric in _UNITS else value


def _agents(one: SeriesReport) -> Iterator[str]:
    """What each agent's calls took: means per trial and request."""
    share = len(one.cells) * one.requests
    for name in sorted({name for cell in one.cells for name in cell["by_agent"]}):
        used = [cell["by_agent"][name] for cell in one.cells if name in cell["by_agent"]]
        calls = sum(usage["calls"] for usage in used) / share
        tokens = sum(usage["prompt_tokens"] + usage["completion_tokens"] for usage in used) / share
        seconds = sum(usage["seconds"] for usage in used) / share
        yield f"   {name or 'subject'}: {calls:.1f} calls, {tokens:,.0f} tokens, {seconds:.1f} s"


def _words(metric: str) -> str:
    return metric.removesuffix("_rate").replace("_", " ").capitalize()


def _shown(metric: str, value: float) -> str:
    unit = _UNITS.get(metric)
    return f"{value:,.1f} {unit}" if unit else f"{value:.0%}"
