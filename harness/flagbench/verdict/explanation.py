"""Explanation of a series that left its baseline, by what it did and what was accepted."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff

from flagbench.measurement.trace_rows import Trace, TraceStep
from flagbench.verdict.file_diff import TextOf, file_changes, proof_changes
from flagbench.verdict.report_diff import metric_changes, rate_changes, recording_changes
from flagbench.verdict.timing_diff import detail_changes, timing_changes
from flagbench.verdict.trace_diff import SESSION, Case, Change, changes

# Limits of the printed explanation; the rest is counted.
_SHOWN_CHANGES = 8
_SHOWN_DIFFS = 3
_DIFF_LINES = 30
_CONTEXT_LINES = 2
# A subject that names no requests makes all of its calls in one place.
_COMPARED_PROMPTS = 50

UNKNOWN = (
    "not known: the calls, answers, decisions, pauses, overlap, files, proofs, reports and "
    "recordings are those accepted; what is left are prices and times that a trace does not have"
)

Lines = Sequence[str]
PromptOf = Callable[[TraceStep], Lines]
"""Function from a call to the lines of its prompt. Raises `LookupError` with a reason."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A change with the unified diff of the prompt behind it, or ""."""

    text: str
    diff: str = ""

    def __str__(self) -> str:
        return self.text + "".join(f"\n        {line}" for line in self.diff.splitlines())


@dataclass(frozen=True, slots=True)
class Sources:
    """Functions that return prompts of calls and texts of files, accepted and current."""

    accepted_prompt: PromptOf
    current_prompt: PromptOf
    accepted_text: TextOf
    current_text: TextOf


def explain(accepted: Trace, measured: Trace, sources: Sources) -> tuple[Cause, ...]:
    """Explain the difference of two traces, what the subject did itself before what followed.

    A few changes of each kind are shown, and the others counted.
    """
    rows = (row for trace in (accepted, measured) for column in trace.columns for row in column)
    trials = max((row.trial for row in rows), default=0)
    kinds = _kinds(accepted, measured, sources)
    shown = _shares([len(kind) for kind in kinds])
    explained = [
        Cause(
            change.text + _place(change.cases, trials) + _token_change(change, trials),
            _truncate(change.diff),
        )
        for kind, share in zip(kinds, shown, strict=True)
        for change in kind[:share]
    ]
    more = sum(map(len, kinds)) - len(explained)
    if more:
        explained.append(Cause(f"and {more} more changes"))
    return tuple(explained) or (Cause(UNKNOWN),)


def beyond_prompts(accepted: Trace, measured: Trace) -> list[str]:
    """Describe the calls, decisions, files and proofs that changed, apart from other prompts."""
    calls, decisions = changes(accepted.steps, measured.steps)
    files = file_changes(accepted, measured, str, str)
    kinds = ([call for call in calls if not call.is_another_prompt], decisions, *files)
    trials = max((step.trial for step in measured.steps), default=0)
    return [
        change.text + _place(change.cases, trials) + _token_change(change, trials)
        for kind in (*kinds, proof_changes(accepted, measured) if measured.proofs else [])
        for change in kind
    ]


def _kinds(accepted: Trace, measured: Trace, sources: Sources) -> list[list[Change]]:
    """The changes by kind, in the order of the explanation."""
    calls, decisions = changes(accepted.steps, measured.steps)
    reworded = [
        replace(change, diff=_diff(change, sources)) for change in calls if change.is_another_prompt
    ]
    # An edit of a prompt is a few lines; the files that differ as a consequence are long.
    reworded.sort(key=lambda change: (len(change.diff), change.text))
    own_files, other_files = file_changes(
        accepted, measured, sources.accepted_text, sources.current_text
    )
    own_reports = []
    reports = rate_changes(accepted, measured) + metric_changes(accepted, measured)
    if not (calls or decisions):  # a report that changed by itself is a cause
        own_reports, reports = reports, []
    rest = [change for change in calls if not change.is_another_prompt]
    rest += [replace(change, diff=()) for change in reworded[_SHOWN_DIFFS:]]
    rest.sort(key=lambda change: (-abs(change.tokens), change.text))
    decisions.sort(key=_by_frequency)
    return [
        reworded[:_SHOWN_DIFFS],
        own_files,
        decisions,
        rest,
        timing_changes(accepted, measured),
        own_reports,
        proof_changes(accepted, measured),
        detail_changes(accepted, measured),
        other_files,
        reports,
        [] if calls else recording_changes(accepted, measured),
    ]


def _by_frequency(change: Change) -> tuple[object, ...]:
    """The most frequent decision first; of equal ones, the session's, which agents follow."""
    is_agents = not change.text.startswith(f"{SESSION}:")
    return (-len(change.cases), change.cases, is_agents, change.text)


def _shares(lengths: Sequence[int]) -> list[int]:
    """The number of shown changes of each kind: one at least, then in their order."""
    shares = [min(length, 1) for length in lengths]
    spare = _SHOWN_CHANGES - sum(shares)
    for place, length in enumerate(lengths):
        more = max(0, min(spare, length - shares[place]))
        shares[place] += more
        spare -= more
    return shares


def _place(cases: Sequence[Case], trials: int) -> str:
    """Describe the requests and trials of cases; request 0 is a trial as a whole."""
    parts = []
    for in_trials, requests in _requests_by_trials(cases).items():
        request = f"request{'s' * (len(requests) > 1)} {_ranges(requests)} of "
        everywhere = len(in_trials) == trials
        trial = f"trial{'s' * (len(in_trials) > 1)} {_ranges(in_trials)}"
        whole = "every trial" if everywhere else trial
        parts.append(whole if requests == [0] else f"{request}{whole}")
    return f", {'; '.join(parts)}" if parts else ""


def _requests_by_trials(cases: Sequence[Case]) -> dict[tuple[int, ...], list[int]]:
    groups: dict[tuple[int, ...], list[int]] = {}
    for request in sorted({request for _, request in cases}):
        trials = tuple(sorted({trial for trial, number in cases if number == request}))
        groups.setdefault(trials, []).append(request)
    return groups


def _ranges(numbers: Sequence[int]) -> str:
    """Format numbers as ranges: 1, 2, 3, 7 is 1-3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _token_change(change: Change, trials: int) -> str:
    return f": {change.tokens / trials:+z,.0f} tokens a trial" if change.was or change.now else ""


def _diff(change: Change, sources: Sources) -> tuple[str, ...]:
    """Unified diff of the prompts of the first case, or a line with the reason for its absence."""
    if change.was is None or change.now is None:
        return ()
    try:
        old = sources.accepted_prompt(change.was)
        others = change.others[:_COMPARED_PROMPTS]
        new = _nearest(old, [sources.current_prompt(call) for call in (change.now, *others)])
    except LookupError as error:
        return (f"(the accepted prompt is not available: {error.args[0]})",)
    return tuple(unified_diff(old, new, "accepted", "now", n=_CONTEXT_LINES, lineterm=""))


def _nearest(old: Lines, prompts: Sequence[Lines]) -> Lines:
    """The first of the prompts that shares most words with the old one."""
    if len(prompts) == 1:
        return prompts[0]
    words = Counter(" ".join(old).split())
    counts = [Counter(" ".join(lines).split()) for lines in prompts]
    distances = [((count - words) + (words - count)).total() for count in counts]
    return prompts[distances.index(min(distances))]


def _truncate(diff: Lines) -> str:
    more = len(diff) - _DIFF_LINES
    return "\n".join([*diff[:_DIFF_LINES], *([f"({more} more lines)"] if more > 0 else [])])
