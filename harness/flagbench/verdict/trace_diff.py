"""What a series does otherwise than it did: calls that pair up, calls that do not, decisions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flagbench.measurement.trace import TraceStep


@dataclass(frozen=True, slots=True)
class Change:
    """What changed for one agent in words, with the trial and request of every case.

    `tokens` is the difference over all cases; `was` and `now` are the calls of the first one.
    """

    told: str
    tokens: float
    cases: tuple[tuple[int, int], ...]
    was: TraceStep | None = None
    now: TraceStep | None = None

    @property
    def is_another_prompt(self) -> bool:
        """Whether the same call now sends other bytes."""
        return bool(self.was and self.now and self.was.digest != self.now.digest)


def changes(
    accepted: Sequence[TraceStep], measured: Sequence[TraceStep]
) -> tuple[list[Change], list[Change]]:
    """Changed calls, and changed decisions."""
    lost, gained = _difference(accepted, measured), _difference(measured, accepted)
    return (
        _changed_calls([one for one in lost if one.digest], [one for one in gained if one.digest]),
        _changed_decisions(
            [one for one in lost if not one.digest], [one for one in gained if not one.digest]
        ),
    )


def _difference(some: Sequence[TraceStep], others: Sequence[TraceStep]) -> list[TraceStep]:
    return sorted((Counter(some) - Counter(others)).elements())


def _by_place(steps: Iterable[TraceStep]) -> dict[tuple[int, int, str, str], list[TraceStep]]:
    found: dict[tuple[int, int, str, str], list[TraceStep]] = {}
    for one in steps:
        found.setdefault((one.trial, one.request, one.agent, one.what), []).append(one)
    return found


def _changed_calls(lost: Sequence[TraceStep], gained: Sequence[TraceStep]) -> list[Change]:
    """Calls of the same agent, phase and request pair up; what is left appeared or went."""
    was, now = _by_place(lost), _by_place(gained)
    pairs: list[tuple[str, TraceStep | None, TraceStep | None]] = []
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
    old: Sequence[TraceStep], new: Sequence[TraceStep]
) -> tuple[list[TraceStep | None], list[TraceStep | None]]:
    """Both in one order: first those that sent the same, then the others; None where one lacks."""
    same = sorted({one.digest for one in old} & {one.digest for one in new})
    first: list[TraceStep | None] = [one for one in old if one.digest in same]
    second: list[TraceStep | None] = [one for one in new if one.digest in same]
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


def _change(told: str, pairs: Sequence[tuple[TraceStep | None, TraceStep | None]]) -> Change:
    sums = [sum(one.tokens for one in side if one) for side in zip(*pairs, strict=True)]
    cases = tuple(
        sorted({(one.trial, one.request) for pair in pairs for one in pair[:2] if one is not None})
    )
    return Change(told, sums[1] - sums[0], cases, *pairs[0])


def _changed_decisions(lost: Sequence[TraceStep], gained: Sequence[TraceStep]) -> list[Change]:
    """What an agent's decisions of one request were, and what they are now."""
    was, now = _names(lost), _names(gained)
    cases: dict[str, list[tuple[int, int]]] = {}
    for place in sorted(was.keys() | now.keys()):
        trial, request, agent = place
        old, new = was.get(place, ""), now.get(place, "")
        turned = f"{old} → {new}" if old and new else f"no longer {old}" if old else f"now {new}"
        cases.setdefault(f"{agent or 'session'}: {turned}", []).append((trial, request))
    return [Change(told, 0, tuple(found)) for told, found in cases.items()]


def _names(steps: Iterable[TraceStep]) -> dict[tuple[int, int, str], str]:
    counts: dict[tuple[int, int, str], Counter[str]] = {}
    for one in steps:
        counts.setdefault((one.trial, one.request, one.agent), Counter())[one.what] += 1
    return {
        place: ", ".join(f"{n} {name}" if n > 1 else name for name, n in sorted(found.items()))
        for place, found in counts.items()
    }
