"""Comparison of a subject's reports about itself with the measurement."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from flagbench.cassette.usage.token_usage import Amount, TokenUsage
from flagbench.measurement.event_details import CALL_EVENT
from flagbench.run.cell_run import Call, CellRun
from flagbench.subject import Event

_RATE = "_rate"
_TOKENS: Mapping[str, Callable[[TokenUsage], Amount]] = {
    "prompt_tokens": attrgetter("prompt"),
    "completion_tokens": attrgetter("completion"),
}
# A subject may round its seconds, and its clock may start a moment later.
_SECONDS_SHARE, _SECONDS = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A figure that a subject reports, and the measured one in words."""

    metric: str
    reported: float
    measured: str


@dataclass(frozen=True, slots=True)
class _Measured:
    """The ranges of figures that are true, and the measured one in words."""

    ranges: Sequence[tuple[float, float]]
    words: str

    @classmethod
    def of(cls, *ranges: tuple[float, float]) -> "_Measured":
        bounds = dict.fromkeys(f"{value:.10g}" for ends in ranges for value in ends)
        return cls(ranges, " or ".join(bounds))

    def holds(self, value: float) -> bool:
        return any(low - 1e-6 <= value <= high + 1e-6 for low, high in self.ranges)


def contradictions(run: CellRun) -> tuple[Contradiction, ...]:
    """Find the figures of a subject's outcome and events that the measurement contradicts."""
    events = [timed.event for timed in run.events]
    return (
        *_amounts(getattr(run.outcome, "reported", {}), run),
        *_call_events([event for event in events if event.name == CALL_EVENT], run.model_calls),
        *_rates(run.outcome.rates, events),
    )


def _amounts(reported: Mapping[str, float], run: CellRun) -> Iterator[Contradiction]:
    for name, value in sorted(reported.items()):
        if name == "seconds" and run.untimed_calls:
            continue  # nothing was measured that could contradict it
        measured = _seconds(run.seconds) if name == "seconds" else _usage(name, run.model_calls)
        if not measured.holds(float(value)):
            yield Contradiction(f"reported {name}", float(value), measured.words)


def _seconds(measured: float) -> _Measured:
    tolerance = max(_SECONDS, measured * _SECONDS_SHARE)
    return _Measured([(measured - tolerance, measured + tolerance)], f"{measured:.10g}")


def _usage(name: str, calls: Sequence[Call]) -> _Measured:
    """A figure of the usage of these calls.

    A subject may leave out calls that failed or that it cancelled, and may count tokens as they are
    counted here, or as the provider reports them.
    """
    answered = [call for call in calls if not call.cancelled and not call.interaction.failure]
    if name == "calls":
        complete = [call for call in answered if call.interaction.usage.finish_reason]
        return _Measured.of((len(complete), len(calls)))
    kinds = _TOKENS.values() if name == "tokens" else (_TOKENS[name],)

    def total(group: Sequence[Call], figure: Callable[[Amount], int]) -> int:
        return sum(figure(kind(call.interaction.usage)) for call in group for kind in kinds)

    return _Measured.of(
        *((total(answered, figure), total(calls, figure)) for figure in (_measured, _reported))
    )


def _measured(amount: Amount) -> int:
    return amount.tokens


def _reported(amount: Amount) -> int:
    return amount.tokens if amount.reported is None else amount.reported


def _call_events(events: Sequence[Event], calls: Sequence[Call]) -> Iterator[Contradiction]:
    """Hold the events that report calls, if a subject has any, against the calls."""
    if not events:
        return
    figures: dict[str, float] = {"calls": len(events)}
    for kind in _TOKENS:
        values = [event.fields.get(kind) for event in events]
        if all(isinstance(value, (int, float)) for value in values):
            figures[kind] = sum(value or 0 for value in values)
    for name, value in figures.items():
        measured = _usage(name, calls)
        if not measured.holds(value):
            yield Contradiction(f"{name} by the events {CALL_EVENT}", float(value), measured.words)


def _rates(
    rates: Mapping[str, tuple[int, int]], events: Sequence[Event]
) -> Iterator[Contradiction]:
    """Hold the parts of rates against their wholes, and against the events that they count.

    A rate `cache_hit_rate` beside events `cache_hit` counts no more than there are.
    """
    counts = Counter(event.name for event in events)
    for name, count in sorted(rates.items()):
        part, whole = map(int, count)
        if not 0 <= part <= whole:
            yield Contradiction(f"the part of {name}", float(part), f"0 to its whole, {whole}")
        happened = name.removesuffix(_RATE)
        if name.endswith(_RATE) and happened in counts and part > counts[happened]:
            measured = f"{counts[happened]} {happened}"
            yield Contradiction(f"the part of {name}", float(part), measured)
