"""Explanation of a series that left its baseline: changed prompts, calls, answers, decisions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from flagbench.cassette import prompts
from flagbench.cassette.cassette import Cassette
from flagbench.measurement.trace import TraceStep
from flagbench.verdict.trace_diff import Change, changes

# Limits of the printed explanation; the rest is counted.
_SHOWN_CHANGES = 8
_SHOWN_DIFFS = 3
_DIFF_LINES = 30
_CONTEXT_LINES = 2

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


def causes(
    accepted: Sequence[TraceStep] | None,
    path: Path,
    measured: Sequence[TraceStep],
    cassette_of: Callable[[int], Cassette],
) -> tuple[Cause, ...]:
    """Explain why a series left its baseline, whose accepted trace is in the file at `path`.

    `cassette_of` returns the current cassette of a trial.
    """
    if accepted is None:
        return (Cause(f"{path} has no accepted trace of this series"),)
    return explain(
        accepted,
        measured,
        lambda step: prompts.accepted_prompt_of(cassette_of(step.trial), step.digest, path),
        lambda step: prompts.prompt_of(cassette_of(step.trial), step.digest),
    )


def explain(
    accepted: Sequence[TraceStep],
    measured: Sequence[TraceStep],
    accepted_prompt: PromptOf,
    current_prompt: PromptOf,
) -> tuple[Cause, ...]:
    """Order the causes: changed prompts, then calls by changed tokens, then decisions.

    `accepted_prompt` and `current_prompt` return the prompt of an accepted and a measured call.
    """
    calls, decisions = changes(accepted, measured)
    trials = max((step.trial for step in (*accepted, *measured)), default=0)
    reworded = [
        (change, _diff(change, accepted_prompt, current_prompt))
        for change in calls
        if change.is_another_prompt
    ]
    # An edit of a prompt is a few lines; the files that differ as a consequence are long.
    reworded.sort(key=lambda pair: (len(pair[1]), pair[0].text))
    reworded = reworded[:_SHOWN_DIFFS]
    rest = sorted(calls, key=lambda change: (-abs(change.tokens), change.text))
    rest += sorted(decisions, key=lambda change: (-len(change.cases), change.cases, change.text))
    ordered = [
        *((change, _truncate(diff)) for change, diff in reworded),
        *((change, "") for change in rest if change not in [first for first, _ in reworded]),
    ]
    explained = [
        Cause(f"{change.text}, {_place(change.cases, trials)}{_token_change(change, trials)}", diff)
        for change, diff in ordered[:_SHOWN_CHANGES]
    ]
    if len(ordered) > _SHOWN_CHANGES:
        explained.append(Cause(f"and {len(ordered) - _SHOWN_CHANGES} more changes"))
    if not explained:
        explained.append(
            Cause(
                "the same calls, answers and decisions as accepted: the change comes from recorded "
                "latencies, prices, or the proofs"
            )
        )
    return tuple(explained)


def _place(cases: Sequence[tuple[int, int]], trials: int) -> str:
    """Describe the requests and trials of cases."""
    parts = []
    for in_trials, requests in _requests_by_trials(cases).items():
        request = f"request{'s' * (len(requests) > 1)} {_ranges(requests)}"
        everywhere = len(in_trials) == trials
        trial = f"trial{'s' * (len(in_trials) > 1)} {_ranges(in_trials)}"
        parts.append(f"{request} of {'every trial' if everywhere else trial}")
    return "; ".join(parts)


def _requests_by_trials(cases: Sequence[tuple[int, int]]) -> dict[tuple[int, ...], list[int]]:
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
    return f": {change.tokens / trials:+,.0f} tokens a trial" if change.was or change.now else ""


def _diff(change: Change, accepted_prompt: PromptOf, current_prompt: PromptOf) -> Lines:
    """Unified diff of the prompts of the first case, or a line with the reason for its absence."""
    if change.was is None or change.now is None:
        return ()
    try:
        old, new = accepted_prompt(change.was), current_prompt(change.now)
    except LookupError as error:
        return (f"(the accepted prompt is not available: {error.args[0]})",)
    return list(unified_diff(old, new, "accepted", "now", n=_CONTEXT_LINES, lineterm=""))


def _truncate(diff: Lines) -> str:
    more = len(diff) - _DIFF_LINES
    return "\n".join([*diff[:_DIFF_LINES], *([f"({more} more lines)"] if more > 0 else [])])
