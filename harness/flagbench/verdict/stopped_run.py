"""Differences of a cell from the accepted trace before a request that is not recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence

from flagbench.measurement.trace import steps_until_stop
from flagbench.measurement.trace_rows import Trace, TraceStep
from flagbench.run.cell_run import CellRun, StoppedRun

_AS_ACCEPTED = "before it, every call and decision was as accepted"


def known(stopped: StoppedRun, trial: int, accepted: Trace | None) -> list[str]:
    """Lines on the request, on what differed from the accepted trace before it, and on the rest."""
    steps, request = steps_until_stop(stopped.calls, stopped.events, trial, stopped.request_id)
    who = f"{stopped.agent or 'the subject'}, {stopped.phase or 'call'}"
    lines = [f"it is a call of {who}, request {request}, after {_calls(len(stopped.calls))}"]
    if accepted is None:
        return [*lines, "what differed before it is not known, without an accepted trace"]
    of_trial = [step for step in accepted.steps if step.trial == trial]
    return [*lines, *_differences(steps, of_trial), _rest(steps, of_trial)]


def before_change(run: CellRun, trial: int, accepted: Trace | None) -> list[str]:
    """Lines on what a provisional replay did differently before its first changed call."""
    changed = [call for call in run.calls if call.counterpart]
    if accepted is None or not changed:
        return []
    first = min(changed, key=lambda call: call.started_seconds)
    steps, _ = steps_until_stop(
        [call for call in run.calls if call.started_seconds < first.started_seconds],
        [timed for timed in run.events if timed.seconds <= first.started_seconds],
        trial,
        first.request_id,
    )
    lines = _differences(steps, [step for step in accepted.steps if step.trial == trial])
    return [line for line in lines if line != _AS_ACCEPTED]


def _differences(steps: Sequence[TraceStep], accepted: Sequence[TraceStep]) -> list[str]:
    """The first decision that was not accepted, else the first such call.

    Before it, the first decision that was accepted with another detail.
    """
    remaining, exact = Counter(step.bare for step in accepted), Counter(accepted)
    lines: list[str] = []
    for step in sorted(steps, key=lambda step: bool(step.digest)):  # stable: decisions in order
        if not remaining[step.bare]:
            return [*lines, _flip(step, steps, remaining)]
        remaining[step.bare] -= 1
        if not (step.digest or exact[step] or lines):
            was = next(other.detail for other in accepted if other.bare == step.bare)
            change = f"{step.what} with {was or 'nothing'} → {step.detail or 'nothing'}"
            lines.append(f"before it, a decision for other reasons: {_place(step)}: {change}")
    untaken = _untaken(steps, remaining)
    if untaken:
        return [*lines, f"before it, accepted decisions that were not taken: {untaken}"]
    return lines or [_AS_ACCEPTED]


def _untaken(steps: Sequence[TraceStep], remaining: Mapping[TraceStep, int]) -> str:
    """The accepted decisions that agents which have decided something did not take."""
    begun = {step[:3] for step in steps if not step.digest}
    names: dict[str, list[str]] = {}
    for step, count in sorted(remaining.items()):
        if count and not step.digest and step.agent and step[:3] in begun:
            names.setdefault(_place(step), []).append(step.what)
    return "; ".join(f"{place}: {', '.join(whats)}" for place, whats in names.items())


def _flip(step: TraceStep, steps: Sequence[TraceStep], remaining: Mapping[TraceStep, int]) -> str:
    """Describe a step that was not accepted, by the decisions that the stopped cell never took."""
    if step.digest:
        return f"before it, a call that was not accepted: {_place(step)}: {step.what}"
    taken = {other[:4] for other in steps}
    names = [
        other.what
        for other, count in sorted(remaining.items())
        if count and not other.digest and other[:3] == step[:3] and other[:4] not in taken
    ]
    instead = ", ".join(dict.fromkeys(names)) or "as often as accepted"
    return f"before it, a decision flipped: {_place(step)}: {instead} → {step.what}"


def _rest(steps: Sequence[TraceStep], accepted: Sequence[TraceStep]) -> str:
    """The accepted calls that were not reached, as a measure of what is to be recorded."""
    left = Counter(step.bare for step in accepted if step.digest)
    left -= Counter(step.bare for step in steps if step.digest)
    if not left:
        return "to record: this call and those that follow from it; every accepted call was made"
    tokens = sum(step.tokens * count for step, count in left.items())
    return (
        f"to record: this call and those that follow from it; of the accepted trial, "
        f"{_calls(left.total())} with {tokens:,} tokens not reached"
    )


def _calls(count: int) -> str:
    return f"{count} call{'s' * (count != 1)}"


def _place(step: TraceStep) -> str:
    owner = step.agent or ("the subject" if step.digest else "session")
    return f"request {step.request}, {owner}"
