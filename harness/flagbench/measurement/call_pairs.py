"""Pairs of calls of two traces: those of the same agent, phase and request.

A subject that names neither makes all of its calls in one place. There calls are paired by the
lengths of their prompts, which an edit of a text that they share keeps in order.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from flagbench.measurement.trace_rows import CostedStep, TraceStep

Place = tuple[int, int, str, str]
"""Trial, request, agent and phase."""


class Placed(Protocol):
    """A call with its place and the digest of its request."""

    @property
    def trial(self) -> int: ...  # noqa: D102  as of `TraceStep`, and so are the others
    @property
    def request(self) -> int: ...  # noqa: D102
    @property
    def agent(self) -> str: ...  # noqa: D102
    @property
    def what(self) -> str: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102


# Products of the calls of a place and of those that one side has more; a second of comparing.
_MOST_COMPARED = 1_000_000

Row = TypeVar("Row", TraceStep, CostedStep)
Call = TypeVar("Call", bound=Placed)


def difference(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """The rows that the others do not have, or not as often: by place and length of the prompt."""
    return sorted((Counter(rows) - Counter(others)).elements(), key=_sort_key)


def _sort_key(row: TraceStep | CostedStep) -> list[tuple[bool, object]]:
    """The values of a row, some of which may be None."""
    values = (*row[:4], row.prompt_tokens, *row[4:])
    return [(value is not None, value) for value in values]


def paired(
    removed: Iterable[Call], added: Iterable[Call], length: Callable[[Call], int]
) -> Iterator[tuple[Place, Call | None, Call | None]]:
    """Pair calls of the same place; None in place of one that was added or removed.

    `length` is that of a call's prompt: where there are fewer calls on one side, those are paired
    whose lengths are nearest.
    """
    was, now = _by_place(removed), _by_place(added)
    for place in sorted(was.keys() | now.keys()):
        for first, second in _align(was.get(place, []), now.get(place, []), length):
            yield place, first, second


def _by_place(rows: Iterable[Call]) -> dict[Place, list[Call]]:
    groups: dict[Place, list[Call]] = {}
    for row in rows:
        groups.setdefault((row.trial, row.request, row.agent, row.what), []).append(row)
    return groups


def _align(
    old: Sequence[Call], new: Sequence[Call], length: Callable[[Call], int]
) -> list[tuple[Call | None, Call | None]]:
    """Pairs of calls: those with equal prompts first, then the others in their order."""
    same = {call.digest for call in old} & {call.digest for call in new}
    first = [call for call in old if call.digest in same]
    second = [call for call in new if call.digest in same]
    if len(first) != len(second):  # the same prompt was sent more or less often
        first, second, same = [], [], set()
    old, new = ([call for call in side if call.digest not in same] for side in (old, new))
    return [*zip(first, second, strict=True), *_nearest(old, new, length)]


def _nearest(
    old: Sequence[Call], new: Sequence[Call], length: Callable[[Call], int]
) -> list[tuple[Call | None, Call | None]]:
    """Pair as many as there are, in order, with the least differences of lengths."""
    if len(old) == len(new):
        return list(zip(old, new, strict=True))
    if len(old) > len(new):
        return [(second, first) for first, second in _nearest(new, old, length)]
    spare = len(new) - len(old)
    if not old or len(old) * spare > _MOST_COMPARED:
        return [*zip(old, new, strict=False), *((None, call) for call in new[len(old) :])]
    sizes = [length(call) for call in new]
    # costs[n][k]: the first n old calls are paired among the first n + k new ones.
    costs = [[0] * (spare + 1)]
    for place, call in enumerate(old):
        size, best = length(call), list[int]()
        for left_out in range(spare + 1):
            cost = costs[-1][left_out] + abs(size - sizes[place + left_out])
            best.append(min([cost, *best[-1:]]))
        costs.append(best)
    pairs, left_out = list[tuple[Call | None, Call | None]](), spare
    for place in reversed(range(len(old) + 1)):
        while left_out and costs[place][left_out] == costs[place][left_out - 1]:
            pairs.append((None, new[place + left_out - 1]))
            left_out -= 1
        if place:
            pairs.append((old[place - 1], new[place - 1 + left_out]))
    return pairs[::-1]
