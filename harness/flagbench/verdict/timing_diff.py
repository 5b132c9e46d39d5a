"""Difference of the timing of two traces: pauses, calls at the same time, cancelled calls."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flagbench.measurement.trace_rows import Trace, TraceStep
from flagbench.verdict.trace_diff import SESSION, Case, Change

# Pauses are compared to a hundredth of a second.
_SAME_SECONDS = 0.005
# Calls that changed by a few amounts are grouped by these, and else by agent and phase.
_SHOWN_AMOUNTS = 3

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
    groups: dict[str, list[TraceStep]] = {}
    for was, now in pairs:
        if was.detail != now.detail:
            old, new = _other_fields(was.detail, now.detail)
            change = f"{was.what} with {old or 'nothing'} → {new or 'nothing'}"
            groups.setdefault(change, []).append(was)
    return [
        Change(f"{_owners(steps)}: {change}", 0, _cases(steps)) for change, steps in groups.items()
    ]


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
    """A change for all calls that changed by the same amount, or else of each agent and phase."""
    changed = [(describe(*pair), pair) for pair in pairs]
    changed = [(form, pair) for form, pair in changed if form]
    amounts = {(form, amount(was), amount(now)) for form, (was, now) in changed}
    by_amount: dict[tuple[str, float, float], list[Pair]] = {}
    by_call: dict[tuple[str, str, str], list[Pair]] = {}
    for form, pair in changed:
        was, now = pair
        by_amount.setdefault((form, amount(was), amount(now)), []).append(pair)
        by_call.setdefault((form, was.agent, was.what), []).append(pair)
    is_few = len(amounts) <= _SHOWN_AMOUNTS
    groups: Mapping[tuple[Any, ...], list[Pair]] = by_amount if is_few else by_call
    weighed = [
        (
            math.fsum(abs(amount(now) - amount(was)) for was, now in group),
            _change(key[0], group, amount),
        )
        for key, group in groups.items()
    ]
    weighed.sort(key=lambda item: (-item[0], item[1].text))
    return [change for _, change in weighed]


def _change(form: str, group: Sequence[Pair], amount: Callable[[TraceStep], float]) -> Change:
    was, now = (math.fsum(map(amount, side)) / len(group) for side in zip(*group, strict=True))
    steps = [step for step, _ in group]
    phases = ", ".join(dict.fromkeys(step.what or "call" for step in steps))
    calls = f"{len(group)} call{'s' * (len(group) > 1)} of {_owners(steps)} ({phases})"
    is_mean = len({(amount(a), amount(b)) for a, b in group}) > 1
    text = form.format(calls=calls, was=was, now=now) + ", on average" * is_mean
    return Change(text, 0, _cases(steps))


def _owners(steps: Iterable[TraceStep]) -> str:
    nobody = {True: "the subject", False: SESSION}
    return ", ".join(dict.fromkeys(step.agent or nobody[bool(step.digest)] for step in steps))


def _cases(steps: Iterable[TraceStep]) -> tuple[Case, ...]:
    return tuple(sorted({(step.trial, step.request) for step in steps}))


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
