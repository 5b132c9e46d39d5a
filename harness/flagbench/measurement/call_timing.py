"""Timing of calls among each other: the pause before a call, and the calls beside it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from flagbench.run.transport import Call

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
    """The timing of each call of a cell."""
    starts = sorted(call.started_seconds for call in calls)
    ends = sorted(call.ended_seconds for call in calls)
    return [_timing(call, starts, ends) for call in calls]


def pause_at_end(calls: Sequence[Call], seconds: float) -> float:
    """The time between the latest end of a call and the end of a cell of so many seconds."""
    latest = max((call.ended_seconds for call in calls), default=0.0)
    return round(max(0.0, seconds - latest), _DECIMALS)


def _timing(call: Call, starts: Sequence[float], ends: Sequence[float]) -> Timing:
    """Count by sorted times: sessions have hundreds of calls."""
    over = bisect_right(ends, call.started_seconds + _SAME_INSTANT_SECONDS)
    is_instant = call.ended_seconds <= call.started_seconds + _SAME_INSTANT_SECONDS
    earlier = over - is_instant  # the end of a call without latency is not before it
    latest = ends[earlier - 1] if earlier else 0.0
    begun = bisect_left(starts, call.ended_seconds - _SAME_INSTANT_SECONDS)
    beside = 0 if is_instant else begun - over - 1
    return Timing(round(max(0.0, call.started_seconds - latest), _DECIMALS), beside)
