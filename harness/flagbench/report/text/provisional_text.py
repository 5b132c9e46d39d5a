"""Known facts of PROVISIONAL series, in lines: exact prompt tokens, the rest, and the cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flagbench.report.series_report import SeriesReport
from flagbench.series.provisional import Cost, Provisional, cost_of
from flagbench.series.recorded_cost import in_minutes
from flagbench.shown_numbers import number
from flagbench.verdict.verdict import Outcome

# Differences, targets and unmatched calls of a series that are written out.
_SHOWN = 4
_IF_STAYED = (
    ("tokens", "tokens", ",.0f"), ("seconds", "seconds", ",.1f"), ("usd", "US$", ".4f"),
    ("acceptance_rate", "accepted", ".0%"),
)  # fmt: skip
NOTHING = "nothing else known to change"


def lines(series: SeriesReport) -> list[str]:
    """Known facts of a series; empty for one that is not PROVISIONAL."""
    known = series.provisional
    if known is None:
        return []
    return [
        f"{_prompts(known)}; {_others(known)}",
        *known.before[:_SHOWN],
        *_more("also changed", known.beyond or ()),
        *_more("no counterpart, answered by the nearest recording", known.unmatched),
        f"if the answers stayed as they were: {_if_stayed(series, known)}",
        *_more("it would miss", known.broken),
        _certainty([known]),
    ]


def scenario_lines(members: Sequence[SeriesReport]) -> list[str]:
    """Known facts of the PROVISIONAL series of a scenario together, and the cost of certainty."""
    which = [member for member in members if member.outcome == Outcome.PROVISIONAL]
    known = [member.provisional for member in which if member.provisional]
    if not known:
        return []
    changes = [each.prompt_change for each in known]
    exact = [change for change in changes if change is not None]
    prompts = f"prompt tokens {_range(exact)} exact" if exact else "prompt tokens not known"
    if 0 < len(exact) < len(changes):
        prompts += f" in {len(exact)} series, not known in {len(changes) - len(exact)}"
    moved = [member.combination for member in which if _moves(member)]
    rest = NOTHING
    if moved:
        rest = f"more is known to change in {len(moved)} of them, first in {moved[0]}"
    elif any(each.beyond is None for each in known):
        rest = "the rest is not compared, without an accepted trace"
    unmatched = sum(len(each.unmatched) for each in known)
    return [
        f"{len(which)} series: {prompts}; {rest}",
        *([f"{unmatched} calls have no counterpart"] if unmatched else []),
        _certainty(known),
    ]


def document(known: Provisional) -> Mapping[str, Any]:
    """The values for JSON."""
    values = asdict(known) | {"cost": cost_of(known.to_record)._asdict()}
    values["to_record"] = [call._asdict() for call in known.to_record]
    return values


def cost(cost: Cost) -> str:
    """The cost of a recording in words."""
    usd = "US$ unknown" if cost.usd is None else f"US${cost.usd:.4f}"
    return (
        f"about {cost.requests:,} requests, {cost.tokens:,} tokens, {usd}, "
        f"{in_minutes(cost.seconds)}"
    )


def _certainty(known: Sequence[Provisional]) -> str:
    calls = [call for each in known for call in each.to_record]
    return f"for certainty: {cost(cost_of(calls))}: {known[0].record_command}"


def _moves(member: SeriesReport) -> bool:
    known = member.provisional
    return known is not None and bool(known.beyond or known.unmatched)


def _prompts(known: Provisional) -> str:
    where = f"{known.changed} of {known.calls} calls changed"
    if known.prompt_tokens is None or known.recorded_prompt_tokens is None:
        return f"prompt tokens: not known, no tokenizer counted them all; {where}"
    return (
        f"prompt tokens {_percent(known.prompt_change)} exact "
        f"({known.recorded_prompt_tokens:,.1f} → {known.prompt_tokens:,.1f} a trial); {where}"
    )


def _others(known: Provisional) -> str:
    if known.beyond is None:
        return "the rest is not compared, without an accepted trace"
    if known.beyond or known.unmatched:
        return f"{len(known.beyond)} more changes known"
    return NOTHING


def _more(what: str, texts: Sequence[str]) -> Iterator[str]:
    yield from (f"{what}: {text}" for text in texts[:_SHOWN])
    if len(texts) > _SHOWN:
        yield f"{what}: {len(texts) - _SHOWN} more"


def _if_stayed(series: SeriesReport, known: Provisional) -> str:
    told = []
    for metric, label, form in _IF_STAYED:
        if metric in known.metrics:
            value, accepted = known.metrics[metric], series.accepted.get(metric)
            change = f" ({_percent(value / accepted - 1)})" if accepted else ""
            told.append(f"{label} {number(value, form)}{change}")
    return ", ".join(told)


def _range(changes: Sequence[float]) -> str:
    low, high = _percent(min(changes)), _percent(max(changes))
    return low if low == high else f"{low} to {high}"


def _percent(change: float | None) -> str:
    """A change in per cent; one that rounds to nothing keeps the digits that show it."""
    if change is None:
        return "from 0"
    digits = 1 if round(change, 3) or not change else 3
    return f"{change + 0.0:+.{digits}%}"
