"""Pairs of calls of two traces: those of the same agent, phase and request."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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


Row = TypeVar("Row", TraceStep, CostedStep)
Call = TypeVar("Call", bound=Placed)


def difference(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """The rows that the others do not have, or not as often, sorted."""
    return sorted((Counter(rows) - Counter(others)).elements(), key=_sort_key)


def _sort_key(row: TraceStep | CostedStep) -> list[tuple[bool, object]]:
    """The values of a row, some of which may be None."""
    return [(value is not None, value) for value in row]


def paired(
    removed: Iterable[Call], added: Iterable[Call]
) -> Iterator[tuple[Place, Call | None, Call | None]]:
    """Pair calls of the same place; None in place of one that was added or removed."""
    was, now = _by_place(removed), _by_place(added)
    for place in sorted(was.keys() | now.keys()):
        for first, second in zip(*_align(was.get(place, []), now.get(place, [])), strict=True):
            yield place, first, second


def _by_place(rows: Iterable[Call]) -> dict[Place, list[Call]]:
    groups: dict[Place, list[Call]] = {}
    for row in rows:
        groups.setdefault((row.trial, row.request, row.agent, row.what), []).append(row)
    return groups


def _align(old: Sequence[Call], new: Sequence[Call]) -> tuple[list[Call | None], list[Call | None]]:
    """Align calls for pairing: those with equal prompts first; the shorter list ends with None."""
    same = {call.digest for call in old} & {call.digest for call in new}
    first: list[Call | None] = [call for call in old if call.digest in same]
    second: list[Call | None] = [call for call in new if call.digest in same]
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
