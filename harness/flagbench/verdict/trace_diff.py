"""Difference of the steps of two traces: calls in pairs, added and removed ones, decisions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flagbench.measurement.call_pairs import difference, paired
from flagbench.measurement.trace_rows import TraceStep

Case = tuple[int, int]
"""The trial and the number of the request."""
Place = tuple[int, int, str]
"""A case, and the agent."""
# The owner of a decision that no agent took.
SESSION = "session"
_SHOWN_DETAILS = 2


@dataclass(frozen=True, slots=True)
class Change:
    """A change in words, with the trial and request of every case.

    `tokens` is the difference over all cases; `was` and `now` are the calls of the first case,
    `others` the other calls now that it might be held against. `diff` has the lines of a unified
    diff.
    """

    text: str
    tokens: float
    cases: tuple[Case, ...]
    was: TraceStep | None = None
    now: TraceStep | None = None
    diff: tuple[str, ...] = ()
    others: tuple[TraceStep, ...] = ()

    @property
    def is_another_prompt(self) -> bool:
        """True if the same call now sends another prompt."""
        return bool(self.was and self.now and self.was.digest != self.now.digest)


def changes(
    accepted: Sequence[TraceStep], measured: Sequence[TraceStep]
) -> tuple[list[Change], list[Change]]:
    """Find the changed calls and the changed decisions, whatever their timing and detail."""
    was, now = [step.bare for step in accepted], [step.bare for step in measured]
    removed, added = difference(was, now), difference(now, was)
    return (
        _changed_calls(
            [step for step in removed if step.digest], [step for step in added if step.digest]
        ),
        _changed_decisions(
            [step for step in removed if not step.digest],
            [step for step in added if not step.digest],
            _details(measured),
        ),
    )


def _changed_calls(removed: Sequence[TraceStep], added: Sequence[TraceStep]) -> list[Change]:
    """Pair calls of the same agent, phase and request; the others were added or removed."""
    pairs: list[tuple[str, TraceStep | None, TraceStep | None]] = []
    for place, first, second in paired(removed, added, lambda call: call.prompt_tokens):
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


def _change(text: str, pairs: Sequence[tuple[TraceStep | None, TraceStep | None]]) -> Change:
    sums = [sum(call.tokens for call in side if call) for side in zip(*pairs, strict=True)]
    cases = tuple(
        sorted({(call.trial, call.request) for pair in pairs for call in pair if call is not None})
    )
    was, now = pairs[0]
    others = tuple(call for _, call in pairs[1:] if call and now and call[:2] == now[:2])
    return Change(text, sums[1] - sums[0], cases, was, now, others=others)


def _changed_decisions(
    removed: Sequence[TraceStep], added: Sequence[TraceStep], details: Mapping[TraceStep, str]
) -> list[Change]:
    """Compare an agent's decisions about a request with the accepted ones.

    `details` are those of the current decisions; those that all cases of a change share are shown.
    """
    was, now = _names(removed), _names(added)
    told: dict[Place, list[str]] = {}
    for step in added:
        if detail := details.get(step):
            told.setdefault(step[:3], []).append(f"{step.what} with {detail}")
    cases: dict[str, list[Place]] = {}
    for place in sorted(was.keys() | now.keys()):
        agent = place[2]
        old, new = was.get(place, ""), now.get(place, "")
        change = f"{old} → {new}" if old and new else f"no longer {old}" if old else f"now {new}"
        cases.setdefault(f"{agent or SESSION}: {change}", []).append(place)
    return [
        Change(text + _shared(told, places), 0, tuple(place[:2] for place in places))
        for text, places in cases.items()
    ]


def _details(steps: Iterable[TraceStep]) -> Mapping[TraceStep, str]:
    """Decision -> its detail, of those that are always made with the same one."""
    found: dict[TraceStep, set[str]] = {}
    for step in steps:
        if not step.digest:
            found.setdefault(step.bare, set()).add(step.detail)
    return {bare: details.pop() for bare, details in found.items() if len(details) == 1}


def _shared(told: Mapping[Place, Sequence[str]], places: Sequence[Place]) -> str:
    """The details of decisions that are the same in all of these places, in brackets."""
    first, *others = (told.get(place, ()) for place in places)
    shared = [text for text in dict.fromkeys(first) if all(text in other for other in others)]
    return f" ({'; '.join(shared[:_SHOWN_DETAILS])})" if shared else ""


def _names(steps: Iterable[TraceStep]) -> dict[Place, str]:
    counts: dict[Place, Counter[str]] = {}
    for step in steps:
        counts.setdefault((step.trial, step.request, step.agent), Counter())[step.what] += 1
    return {
        place: ", ".join(f"{n} {name}" if n > 1 else name for name, n in sorted(names.items()))
        for place, names in counts.items()
    }
