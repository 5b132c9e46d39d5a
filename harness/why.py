"""Why a series left its baseline: other prompts, other calls, other answers, other decisions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import groupby

from harness.steps import Step

# What a person reads of it; the rest is counted.
_SHOWN_CHANGES = 8
_SHOWN_DIFFS = 3
_DIFF_LINES = 30
_CONTEXT_LINES = 2

Lines = Sequence[str]
PromptOf = Callable[[Step], Lines]
"""The lines of the prompt that a call sent. Raises `LookupError` that says why it is not there."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A change in words, and the unified diff of the prompt behind it, or ""."""

    told: str
    diff: str = ""

    def __str__(self) -> str:
        return self.told + "".join(f"\n        {line}" for line in self.diff.splitlines())


@dataclass(frozen=True, slots=True)
class _Change:
    """What changed for one agent: trial and request of every case, and one case of it."""

    told: str
    tokens: float
    cases: tuple[tuple[int, int], ...]
    was: Step | None = None
    now: Step | None = None


def explain(
    accepted: Sequence[Step], measured: Sequence[Step], was_sent: PromptOf, is_sent: PromptOf
) -> tuple[Cause, ...]:
    """The causes, those that moved the most tokens first and decisions last.

    `was_sent` and `is_sent` give the prompt of an accepted and of a measured call.
    """
    lost, gained = _difference(accepted, measured), _difference(measured, accepted)
    calls = _changed_calls(
        [one for one in lost if one.digest], [one for one in gained if one.digest]
    )
    decisions = _changed_decisions(
        [one for one in lost if not one.digest], [one for one in gained if not one.digest]
    )
    ordered = sorted(calls, key=lambda one: (-abs(one.tokens), one.told))
    ordered += sorted(decisions, key=lambda one: (-len(one.cases), one.cases, one.told))
    trials = max((one.trial for one in (*accepted, *measured)), default=0)
    found, diffs = [], 0
    for one in ordered[:_SHOWN_CHANGES]:
        diff = ""
        if one.was and one.now and one.was.digest != one.now.digest and diffs < _SHOWN_DIFFS:
            diff, diffs = _diff(one.was, one.now, was_sent, is_sent), diffs + 1
        found.append(Cause(f"{one.told}, {_where(one.cases, trials)}{_moved(one, trials)}", diff))
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


def _difference(some: Sequence[Step], others: Sequence[Step]) -> list[Step]:
    return sorted((Counter(some) - Counter(others)).elements())


def _by_place(steps: Iterable[Step]) -> dict[tuple[int, int, str, str], list[Step]]:
    found: dict[tuple[int, int, str, str], list[Step]] = {}
    for one in steps:
        found.setdefault((one.trial, one.request, one.agent, one.what), []).append(one)
    return found


def _changed_calls(lost: Sequence[Step], gained: Sequence[Step]) -> list[_Change]:
    """Calls of the same agent, phase and request pair up; what is left appeared or went."""
    was, now = _by_place(lost), _by_place(gained)
    pairs: list[tuple[str, Step | None, Step | None]] = []
    for place in sorted(was.keys() | now.keys()):
        old, new = _paired(was.get(place, []), now.get(place, []))
        for first, second in zip(old, new, strict=True):
            if first is None or second is None:
                kind = "a call less" if second is None else "a call more"
            else:
                same = first.digest == second.digest
                kind = "another answer to the same prompt" if same else "another prompt"
            pairs.append(
                (f"{kind} of {place[2] or 'the subject'}, {place[3] or 'call'}", first, second)
            )
    pairs.sort(key=lambda one: one[0])
    return [
        _change(told, [(first, second) for _, first, second in group])
        for told, group in groupby(pairs, key=lambda one: one[0])
    ]


def _paired(
    old: Sequence[Step], new: Sequence[Step]
) -> tuple[list[Step | None], list[Step | None]]:
    """Both in one order: first those that sent the same, then the others; None where one lacks."""
    same = sorted({one.digest for one in old} & {one.digest for one in new})
    first: list[Step | None] = [one for one in old if one.digest in same]
    second: list[Step | None] = [one for one in new if one.digest in same]
    if len(first) != len(second):  # the same prompt was sent more or less often
        first, second = [], []
        same = []
    first += [one for one in old if one.digest not in same]
    second += [one for one in new if one.digest not in same]
    length = max(len(first), len(second))
    return (
        first + [None] * (length - len(first)),
        second + [None] * (length - len(second)),
    )


def _change(told: str, pairs: Sequence[tuple[Step | None, Step | None]]) -> _Change:
    sums = [sum(one.tokens for one in side if one) for side in zip(*pairs, strict=True)]
    cases = tuple(
        sorted({(one.trial, one.request) for pair in pairs for one in pair[:2] if one is not None})
    )
    return _Change(told, sums[1] - sums[0], cases, *pairs[0])


def _changed_decisions(lost: Sequence[Step], gained: Sequence[Step]) -> list[_Change]:
    """What an agent's decisions of one request were, and what they are now."""
    was, now = _names(lost), _names(gained)
    cases: dict[str, list[tuple[int, int]]] = {}
    for place in sorted(was.keys() | now.keys()):
        trial, request, agent = place
        old, new = was.get(place, ""), now.get(place, "")
        turned = f"{old} → {new}" if old and new else f"no longer {old}" if old else f"now {new}"
        cases.setdefault(f"{agent or 'session'}: {turned}", []).append((trial, request))
    return [_Change(told, 0, tuple(found)) for told, found in cases.items()]


def _names(steps: Iterable[Step]) -> dict[tuple[int, int, str], str]:
    counts: dict[tuple[int, int, str], Counter[str]] = {}
    for one in steps:
        counts.setdefault((one.trial, one.request, one.agent), Counter())[one.what] += 1
    return {
        place: ", ".join(f"{n} {name}" if n > 1 else name for name, n in sorted(found.items()))
        for place, found in counts.items()
    }


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


def _moved(one: _Change, trials: int) -> str:
    return f": {one.tokens / trials:+,.0f} tokens a trial" if one.was or one.now else ""


def _diff(was: Step, now: Step, was_sent: PromptOf, is_sent: PromptOf) -> str:
    try:
        old, new = was_sent(was), is_sent(now)
    except LookupError as error:
        return f"(the accepted prompt cannot be shown: {error.args[0]})"
    lines = list(_unified(old, new))
    more = len(lines) - _DIFF_LINES
    shown = lines[:_DIFF_LINES] + ([f"({more} more lines)"] if more > 0 else [])
    return "\n".join(shown)


def _unified(old: Lines, new: Lines) -> Iterator[str]:
    return unified_diff(old, new, "accepted", "now", n=_CONTEXT_LINES, lineterm="")
