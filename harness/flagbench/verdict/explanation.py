"""Why a series left its baseline: other prompts, other calls, other answers, other decisions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from flagbench.cassette import prompts
from flagbench.cassette.cassette import Cassette
from flagbench.measurement.trace import TraceStep
from flagbench.verdict.trace_diff import Change, changes

# What a person reads of it; the rest is counted.
_SHOWN_CHANGES = 8
_SHOWN_DIFFS = 3
_DIFF_LINES = 30
_CONTEXT_LINES = 2

Lines = Sequence[str]
PromptOf = Callable[[TraceStep], Lines]
"""The lines of the prompt that a call sent. Raises `LookupError` that says why it is not there."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A change in words, and the unified diff of the prompt behind it, or ""."""

    told: str
    diff: str = ""

    def __str__(self) -> str:
        return self.told + "".join(f"\n        {line}" for line in self.diff.splitlines())


def causes(
    accepted: Sequence[TraceStep] | None,
    path: Path,
    measured: Sequence[TraceStep],
    tape_of: Callable[[int], Cassette],
) -> tuple[Cause, ...]:
    """Why a series left its baseline, whose accepted steps are in the file at `path`.

    `tape_of` gives a trial's recording as it is now.
    """
    if accepted is None:
        return (Cause(f"{path} does not tell how it was when it was accepted"),)
    return explain(
        accepted,
        measured,
        lambda step: prompts.once_sent(tape_of(step.trial), step.digest, path),
        lambda step: prompts.sent(tape_of(step.trial), step.digest),
    )


def explain(
    accepted: Sequence[TraceStep],
    measured: Sequence[TraceStep],
    was_sent: PromptOf,
    is_sent: PromptOf,
) -> tuple[Cause, ...]:
    """The causes: changed prompts, then what moved the most tokens, then decisions.

    `was_sent` and `is_sent` give the prompt of an accepted and of a measured call.
    """
    calls, decisions = changes(accepted, measured)
    trials = max((one.trial for one in (*accepted, *measured)), default=0)
    asked = [(one, _diff(one, was_sent, is_sent)) for one in calls if one.is_another_prompt]
    # What a person changed is a few lines; what followed from it are whole files.
    asked.sort(key=lambda pair: (len(pair[1]), pair[0].told))
    rest = sorted(calls, key=lambda one: (-abs(one.tokens), one.told))
    rest += sorted(decisions, key=lambda one: (-len(one.cases), one.cases, one.told))
    ordered = [
        *((one, _cut(diff)) for one, diff in asked[:_SHOWN_DIFFS]),
        *((one, "") for one in rest if one not in [each for each, _ in asked[:_SHOWN_DIFFS]]),
    ]
    found = [
        Cause(f"{one.told}, {_where(one.cases, trials)}{_moved(one, trials)}", diff)
        for one, diff in ordered[:_SHOWN_CHANGES]
    ]
    if len(ordered) > _SHOWN_CHANGES:
        found.append(Cause(f"and {len(ordered) - _SHOWN_CHANGES} more changes"))
    if not found:
        found.append(
            Cause(
                "the same calls, answers and decisions as accepted: what moved comes from recorded "
                "latencies, prices, or the proofs"
            )
        )
    return tuple(found)


def _where(cases: Sequence[tuple[int, int]], trials: int) -> str:
    """Which requests of which trials."""
    by_trials: Mapping[tuple[int, ...], list[int]] = _requests_by_trials(cases)
    told = []
    for in_trials, requests in by_trials.items():
        request = f"request{'s' * (len(requests) > 1)} {_listed(requests)}"
        everywhere = len(in_trials) == trials
        trial = f"trial{'s' * (len(in_trials) > 1)} {_listed(in_trials)}"
        told.append(f"{request} of {'every trial' if everywhere else trial}")
    return "; ".join(told)


def _requests_by_trials(cases: Sequence[tuple[int, int]]) -> dict[tuple[int, ...], list[int]]:
    found: dict[tuple[int, ...], list[int]] = {}
    for request in sorted({request for _, request in cases}):
        trials = tuple(sorted({trial for trial, each in cases if each == request}))
        found.setdefault(trials, []).append(request)
    return found


def _listed(numbers: Sequence[int]) -> str:
    """1, 2, 3, 7 is told as 1-3, 7."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(f"{one[0]}-{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in runs)


def _moved(one: Change, trials: int) -> str:
    return f": {one.tokens / trials:+,.0f} tokens a trial" if one.was or one.now else ""


def _diff(one: Change, was_sent: PromptOf, is_sent: PromptOf) -> Lines:
    """The unified diff of the first case's prompts; a word about it where there is none."""
    if one.was is None or one.now is None:
        return ()
    try:
        old, new = was_sent(one.was), is_sent(one.now)
    except LookupError as error:
        return (f"(the accepted prompt cannot be shown: {error.args[0]})",)
    return list(unified_diff(old, new, "accepted", "now", n=_CONTEXT_LINES, lineterm=""))


def _cut(diff: Lines) -> str:
    more = len(diff) - _DIFF_LINES
    return "\n".join([*diff[:_DIFF_LINES], *([f"({more} more lines)"] if more > 0 else [])])
