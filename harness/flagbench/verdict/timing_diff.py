"""Difference of the timing of two traces: pauses, calls at the same time, cancelled calls."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flagbench.measurement.trace import Trace, TraceStep
from flagbench.verdict.trace_diff import Case, Change

# Pauses are compared to a hundredth of a second.
_SAME_SECONDS = 0.005

Pair = tuple[TraceStep, TraceStep]


def timing_changes(accepted: Trace, measured: Trace) -> list[Change]:
    """Find changes in when calls were made, among the calls that both traces have."""
    pairs = [pair for pair in pairs_of(accepted.steps, measured.steps) if pair[0].digest]
    return [
        *_grouped(pairs, _pause, lambda step: step.pause_seconds),
        *_grouped(pairs, _beside, lambda step: step.beside),
        *_grouped(pairs, _cancelled, lambda _: 0),
        *_end_pauses(accepted, measured),
    ]


def detail_changes(accepted: Trace, measured: Trace) -> list[Change]:
    """Find decisions that both traces have, made with other numbers or for other reasons."""
    pairs = [pair for pair in pairs_of(accepted.steps, measured.steps) if not pair[0].digest]
    cases: dict[str, list[Case]] = {}
    for was, now in pairs:
        if was.detail != now.detail:
            old, new = _other_fields(was.detail, now.detail)
            text = (
                f"{was.agent or 'session'}: {was.what} with {old or 'nothing'} → {new or 'nothing'}"
            )
            cases.setdefault(text, []).append((was.trial, was.request))
    return [Change(text, 0, tuple(sorted(places))) for text, places in cases.items()]


def pairs_of(accepted: Sequence[TraceStep], measured: Sequence[TraceStep]) -> Iterator[Pair]:
    """Pair the steps that are the same apart from their timing and detail."""
    remaining: dict[TraceStep, list[TraceStep]] = {}
    for step in reversed(measured):
        remaining.setdefault(step.bare, []).append(step)
    for step in accepted:
        same = remaining.get(step.bare)
        if same:
            yield step, same.pop()


def _pause(was: TraceStep, now: TraceStep) -> str:
    if abs(was.pause_seconds - now.pause_seconds) < _SAME_SECONDS:
        return ""
    return "another pause before {calls}: {was:.4g} → {now:.4g} s"


def _beside(was: TraceStep, now: TraceStep) -> str:
    return "{calls} at the same time as {was:.3g} → {now:.3g} others" * (was.beside != now.beside)


def _cancelled(was: TraceStep, now: TraceStep) -> str:
    if was.detail == now.detail:
        return ""
    old, new = was.detail or "ended", now.detail or "ended"
    return f"{{calls}}: {old} → {new}"


def _grouped(
    pairs: Iterable[Pair],
    describe: Callable[[TraceStep, TraceStep], str],
    amount: Callable[[TraceStep], float],
) -> list[Change]:
    """A change for the calls of each agent and phase, with means over the calls."""
    groups: dict[tuple[str, str, str], list[Pair]] = {}
    for was, now in pairs:
        form = describe(was, now)
        if form:
            groups.setdefault((form, was.agent, was.what), []).append((was, now))
    weighed = [
        (sum(abs(amount(now) - amount(was)) for was, now in group), _change(key, group, amount))
        for key, group in groups.items()
    ]
    weighed.sort(key=lambda item: (-item[0], item[1].text))
    return [change for _, change in weighed]


def _change(
    key: tuple[str, str, str], group: Sequence[Pair], amount: Callable[[TraceStep], float]
) -> Change:
    form, agent, phase = key
    was, now = (sum(map(amount, side)) / len(group) for side in zip(*group, strict=True))
    calls = f"{len(group)} call{'s' * (len(group) > 1)} of {agent or 'the subject'}"
    values: dict[str, Any] = {"calls": f"{calls}, {phase or 'call'}", "was": was, "now": now}
    is_mean = len({(amount(a), amount(b)) for a, b in group}) > 1
    text = form.format(**values) + ", on average" * is_mean
    return Change(text, 0, tuple(sorted({(step.trial, step.request) for step, _ in group})))


def _end_pauses(accepted: Trace, measured: Trace) -> Iterator[Change]:
    was = {row.trial: row.pause_seconds for row in accepted.recordings}
    now = {row.trial: row.pause_seconds for row in measured.recordings}
    differences = [
        (trial, was[trial], now[trial])
        for trial in sorted(was.keys() & now.keys())
        if abs(was[trial] - now[trial]) >= _SAME_SECONDS
    ]
    if differences:
        trial, old, new = differences[0]
        yield Change(f"another time from the last call to the end: {old:.4g} → {new:.4g} s", 0, (
            (trial, 0), *((other, 0) for other, _, _ in differences[1:]),
        ))  # fmt: skip


def _other_fields(was: str, now: str) -> tuple[str, str]:
    old, new = was.split(", "), now.split(", ")
    return (
        ", ".join(field for field in old if field not in new),
        ", ".join(field for field in new if field not in old),
    )
