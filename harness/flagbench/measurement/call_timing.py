"""Timing of calls among each other: the pause before a call, and the calls beside it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from flagbench.run.cell_run import Call

_DECIMALS = 3
# More than the resolution of the clock, less than any latency.
_SAME_INSTANT_SECONDS = 1e-5


class Timing(NamedTuple):
    """Timing of a call.

    `pause_seconds` is the time since the latest end of another call, or since the beginning of
    the cell; `beside` is the number of calls that were made at the same time.
    """

    pause_seconds: float
    beside: int


def timings(calls: Sequence[Call]) -> list[Timing]:
    """The timing of each call of a cell, by sorted times: sessions have hundreds of calls."""
    starts = sorted(call.started_seconds for call in calls)
    order = sorted(
        range(len(calls)), key=lambda n: (calls[n].ended_seconds, calls[n].started_seconds)
    )
    ends = [calls[n].ended_seconds for n in order]
    earlier = {n: place for place, n in enumerate(order)}
    return [_timing(call, starts, ends, earlier[n]) for n, call in enumerate(calls)]


def pause_at_end(calls: Sequence[Call], seconds: float) -> float:
    """The time between the latest end of a call and the end of a cell of so many seconds."""
    latest = max((call.ended_seconds for call in calls), default=0.0)
    return round(max(0.0, seconds - latest), _DECIMALS)


def _timing(call: Call, starts: Sequence[float], ends: Sequence[float], place: int) -> Timing:
    """The timing of the call whose end is at this place of the sorted ends."""
    over = bisect_right(ends, call.started_seconds + _SAME_INSTANT_SECONDS)
    # A call without latency is over when it starts: what is before it are earlier ends.
    is_instant = place < over
    before = place if is_instant else over
    latest = ends[before - 1] if before else 0.0
    begun = bisect_left(starts, call.ended_seconds - _SAME_INSTANT_SECONDS)
    beside = 0 if is_instant else begun - over - 1
    return Timing(round(max(0.0, call.started_seconds - latest), _DECIMALS), beside)
