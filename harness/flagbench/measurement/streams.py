"""Pace of streamed calls: time to the first token, and output tokens per second."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagbench.run.cell_run import Call

_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class StreamedCall:
    """A streamed call whose chunks were timed.

    `first_token_seconds` is the time from the beginning of the request to the first chunk with
    which an event with generated content was complete. `tokens_per_second` is the completion
    tokens over the time from that chunk to the last such one. None for what the call did not see:
    it ended before, its content is not recognised, or all of it came at once.
    """

    agent: str
    phase: str
    request_id: str
    first_token_seconds: float | None
    tokens_per_second: float | None


def streamed_calls(calls: Iterable[Call]) -> Iterator[StreamedCall]:
    """The pace of the streamed calls of a cell. Raises `CouldNotRun` for unknown tokens."""
    for call in calls:
        if call.interaction.chunks:
            yield StreamedCall(call.agent, call.phase, call.request_id, *_pace(call))


def first_token_of(call: Call) -> float | None:
    """The time of the first token of a call, in seconds on the cell's clock; None without it."""
    after = _pace(call)[0] if call.interaction.chunks else None
    return None if after is None else round(call.started_seconds + after, _DECIMALS)


def _pace(call: Call) -> tuple[float | None, float | None]:
    times = call.interaction.content_seconds
    lasted_seconds = round(call.ended_seconds - call.started_seconds, _DECIMALS)
    if times is None or round(times[0], _DECIMALS) > lasted_seconds:
        return None, None
    first, last = times
    tokens = call.interaction.usage.completion_tokens
    is_measured = tokens > 0 and last > first and not call.cancelled
    rate = round(tokens / (last - first), _DECIMALS) if is_measured else None
    return round(first, _DECIMALS), rate


def metrics_of(calls: Sequence[StreamedCall]) -> Mapping[str, float]:
    """Mean and median over calls, without those that were not measured."""
    measured = {
        "first_token_seconds": [call.first_token_seconds for call in calls],
        "tokens_per_second": [call.tokens_per_second for call in calls],
    }
    metrics = dict[str, float]()
    for name, values in measured.items():
        known = [value for value in values if value is not None]
        if known:
            metrics[name] = round(statistics.fmean(known), _DECIMALS)
            metrics[f"{name}_p50"] = round(statistics.median(known), _DECIMALS)
    return metrics
