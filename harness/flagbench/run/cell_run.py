"""The run of a cell: its calls, its events and its outcome, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.cassette.cassette import Interaction
from flagbench.errors import NotRecorded
from flagbench.run.time_labels import EXACT
from flagbench.subject import Event, Outcome


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a cell and its interaction, at `place` in the cassette.

    Times are seconds on the cell's clock. A call that the subject cancelled or stopped reading, or
    that exceeded the subject's timeout, ended then; its tokens count in full, since a provider
    bills what it generated. The agent of a service's call is the service, unless the subject names
    one. `places` are those that the rules of the scenario replaced in the request, by rule.
    """

    agent: str
    phase: str
    request_id: str
    interaction: Interaction
    place: int
    started_seconds: float
    ended_seconds: float
    cancelled: bool = False
    places: tuple[tuple[str, int], ...] = ()
    counterpart: str = ""


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and its time, in seconds on the cell's clock."""

    seconds: float
    event: Event


@dataclass(frozen=True, slots=True)
class CellRun:
    """Outcome, calls and events of a cell. `seconds` is virtual, `cpu_seconds` real.

    `local_cpu_seconds` is the CPU time of the subject and of the programs that it ran, without what
    it takes to look up and play a recorded answer. `refused` counts the calls refused by a
    counterfactual rate limit, `unknown_refusals` those that the provider might have refused.
    `time` says how `seconds` came about, see docs/time.md; `own_seconds` are the real ones of a
    command without a pending call, which `seconds` leaves out. `starts_programs` is True for a
    subject that started one.
    """

    outcome: Outcome
    calls: tuple[Call, ...]
    events: tuple[TimedEvent, ...]
    seconds: float
    cpu_seconds: float
    local_cpu_seconds: float
    refused: int = 0
    unknown_refusals: int = 0
    time: str = EXACT
    own_seconds: float = 0.0
    starts_programs: bool = False

    @property
    def model_calls(self) -> tuple[Call, ...]:
        """The calls of models, without those of other services."""
        return tuple(call for call in self.calls if not call.interaction.service)

    @property
    def untimed_calls(self) -> int:
        """The calls of unknown latency: with any, `seconds` says nothing of the subject's time."""
        return sum(call.interaction.elapsed_seconds is None for call in self.calls)


class StoppedRun(NotRecorded):
    """A cell that a request without a recording has stopped, with its calls and events so far.

    `latest` are agent, phase and request id of that request.
    """

    def __init__(
        self,
        reason: NotRecorded,
        calls: Sequence[Call],
        events: Sequence[TimedEvent],
        latest: tuple[str, str, str],
    ) -> None:
        super().__init__(reason.problems)
        self.calls, self.events = tuple(calls), tuple(events)
        self.agent, self.phase, self.request_id = latest
