"""Difference of the steps of two traces: calls in pairs, added and removed ones, decisions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flagbench.measurement.trace_rows import TraceStep

Case = tuple[int, int]
"""The trial and the number of the request."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change in words, with the trial and request of every case.

    `tokens` is the difference over all cases; `was` and `now` are the calls of the first case.
    `diff` has the lines of a unified diff.
    """

    text: str
    tokens: float
    cases: tuple[Case, ...]
    was: TraceStep | None = None
    now: TraceStep | None = None
    diff: tuple[str, ...] = ()

    @property
    def is_another_prompt(self) -> bool:
        """True if the same call now sends another prompt."""
        return bool(self.was and self.now and self.was.digest != self.now.digest)


def changes(
    accepted: Sequence[TraceStep], measured: Sequence[TraceStep]
) -> tuple[list[Change], list[Change]]:
    """Find the changed calls and the changed decisions, whatever their timing and detail."""
    was, now = [step.bare for step in accepted], [step.bare for step in measured]
    removed, added = _difference(was, now), _difference(now, was)
    return (
        _changed_calls(
            [step for step in removed if step.digest], [step for step in added if step.digest]
        ),
        _changed_decisions(
            [step for step in removed if not step.digest],
            [step for step in added if not step.digest],
        ),
    )


def _difference(trace: Sequence[TraceStep], other: Sequence[TraceStep]) -> list[TraceStep]:
    return sorted((Counter(trace) - Counter(other)).elements())


def _by_place(steps: Iterable[TraceStep]) -> dict[tuple[int, int, str, str], list[TraceStep]]:
    groups: dict[tuple[int, int, str, str], list[TraceStep]] = {}
    for step in steps:
        groups.setdefault((step.trial, step.request, step.agent, step.what), []).append(step)
    return groups


def _changed_calls(removed: Sequence[TraceStep], added: Sequence[TraceStep]) -> list[Change]:
    """Pair calls of the same agent, phase and request; the others were added or removed."""
    was, now = _by_place(removed), _by_place(added)
    pairs: list[tuple[str, TraceStep | None, TraceStep | None]] = []
    for place in sorted(was.keys() | now.keys()):
        old, new = _align(was.get(place, []), now.get(place, []))
        for first, second in zip(old, new, strict=True):
            if first is None or second is None:
                kind = "a call less" if second is None else "a call more"
            else:
                same = first.digest == second.digest
                kind = "another answer to the same prompt" if same else "another prompt"
            pairs.append(
                (f"{kind} of {place[2] or 'the subject'}, {place[3] or 'call'}", first, second)
            )
    pairs.sort(key=lambda pair: pair[0])
    return [
        _change(text, [(first, second) for _, first, second in group])
        for text, group in groupby(pairs, key=lambda pair: pair[0])
    ]


def _align(
    old: Sequence[TraceStep], new: Sequence[TraceStep]
) -> tuple[list[TraceStep | None], list[TraceStep | None]]:
    """Align calls for pairing: those with equal prompts first; the shorter list ends with None."""
    same = {call.digest for call in old} & {call.digest for call in new}
    first: list[TraceStep | None] = [call for call in old if call.digest in same]
    second: list[TraceStep | None] = [call for call in new if call.digest in same]
    if len(first) != len(second):  # the same prompt was sent more or less often
        first, second = [], []
        same = set()
    first += [call for call in old if call.digest not in same]
    second += [call for call in new if call.digest not in same]
    length = max(len(first), len(second))
    return (
        first + [None] * (length - len(first)),
        second + [None] * (length - len(second)),
    )


def _change(text: str, pairs: Sequence[tuple[TraceStep | None, TraceStep | None]]) -> Change:
    sums = [sum(call.tokens for call in side if call) for side in zip(*pairs, strict=True)]
    cases = tuple(
        sorted({(call.trial, call.request) for pair in pairs for call in pair if call is not None})
    )
    return Change(text, sums[1] - sums[0], cases, *pairs[0])


def _changed_decisions(removed: Sequence[TraceStep], added: Sequence[TraceStep]) -> list[Change]:
    """Compare an agent's decisions about a request with the accepted ones."""
    was, now = _names(removed), _names(added)
    cases: dict[str, list[tuple[int, int]]] = {}
    for place in sorted(was.keys() | now.keys()):
        trial, request, agent = place
        old, new = was.get(place, ""), now.get(place, "")
        change = f"{old} → {new}" if old and new else f"no longer {old}" if old else f"now {new}"
        cases.setdefault(f"{agent or 'session'}: {change}", []).append((trial, request))
    return [Change(text, 0, tuple(places)) for text, places in cases.items()]


def _names(steps: Iterable[TraceStep]) -> dict[tuple[int, int, str], str]:
    counts: dict[tuple[int, int, str], Counter[str]] = {}
    for step in steps:
        counts.setdefault((step.trial, step.request, step.agent), Counter())[step.what] += 1
    return {
        place: ", ".join(f"{n} {name}" if n > 1 else name for name, n in sorted(names.items()))
        for place, names in counts.items()
    }
