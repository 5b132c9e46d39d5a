"""Difference of what a subject reports about itself, and of the recordings it was run on."""

from collections.abc import Iterable

from flagbench.measurement.trace_rows import Trace, TracedMetric
from flagbench.verdict.trace_diff import Change


def rate_changes(accepted: Trace, measured: Trace) -> list[Change]:
    """Find rates that the subject reports with other counts."""
    was, now = (
        {(row.name, row.trial): row for row in trace.rates} for trace in (accepted, measured)
    )
    cases: dict[str, list[int]] = {}
    for name, trial in sorted(was.keys() | now.keys()):
        old, new = was.get((name, trial)), now.get((name, trial))
        if old != new:
            before = f"{old.part} of {old.whole}" if old else "none"
            after = f"{new.part} of {new.whole}" if new else "none"
            text = f"the subject reports another {name}: {before} → {after}"
            cases.setdefault(text, []).append(trial)
    return [Change(text, 0, _whole(trials)) for text, trials in cases.items()]


def metric_changes(accepted: Trace, measured: Trace) -> list[Change]:
    """Find the subject's own numbers that are others: by name, with all their trials."""
    was, now = (
        {(row.name, row.trial): row for row in trace.metrics} for trace in (accepted, measured)
    )
    cases: dict[str, list[int]] = {}
    for name, trial in sorted(was.keys() | now.keys()):
        old, new = was.get((name, trial)), now.get((name, trial))
        if old != new:
            text = f"the subject's {name} is another: {_metric(old)} → {_metric(new)}"
            if old and new and old.value != new.value and old.better == new.better:
                is_better = (new.value < old.value) == (new.better == "lower")
                text += f" ({'better' if is_better else 'worse'})"
            cases.setdefault(text, []).append(trial)
    return [Change(text, 0, _whole(trials)) for text, trials in cases.items()]


def _metric(row: TracedMetric | None) -> str:
    return f"{row.value:,.6g} {row.unit}".rstrip() if row else "none"


def recording_changes(accepted: Trace, measured: Trace) -> list[Change]:
    """Find trials whose calls, the same as accepted, have another recording."""
    was, now = (
        {row.trial: row.digest for row in trace.recordings} for trace in (accepted, measured)
    )
    others = [trial for trial in sorted(was.keys() & now.keys()) if was[trial] != now[trial]]
    if not others:
        return []
    return [
        Change("other answers or latencies were recorded for the same requests", 0, _whole(others))
    ]


def _whole(trials: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Cases that are whole trials, written as request 0."""
    return tuple((trial, 0) for trial in trials)
