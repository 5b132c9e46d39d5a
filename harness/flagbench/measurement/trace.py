"""What a cell did, in the order of its clock: calls, waits and decisions, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flagbench.run.cell import CellRun

# A request's digest is told apart by so many of its hexadecimal digits.
DIGEST_DIGITS = 16
ANSWERED, CANCELLED = "answered", "cancelled"
# An event with this field says that the subject waits for so many seconds before it goes on.
WAIT_FIELD = "delay_seconds"
# An event that only tells of a call: the call itself is there.
CALL_EVENT = "llm_call"


class TraceStep(NamedTuple):  # thousands of them are sorted
    """A call or a decision of a trial. `request` counts the session's requests from 1.

    `what` is the phase of a call or the name of an event; `digest` begins the digest of what a call
    sent and is "" for a decision.
    """

    trial: int
    request: int
    agent: str
    what: str
    digest: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the cell's clock, in seconds: a call or a wait of an agent."""

    what: str
    agent: str
    phase: str
    request: int
    started_seconds: float
    ended_seconds: float
    outcome: str
    tokens: int


def steps(run: CellRun, trial: int) -> tuple[TraceStep, ...]:
    """Every call and every decision of a cell, sorted: the same whatever ran beside what."""
    number = _numbers(run)
    found = []
    for call in run.calls:
        usage = call.interaction.usage
        digest = call.interaction.key[:DIGEST_DIGITS]
        tokens = usage.prompt_tokens, usage.completion_tokens
        found.append(
            TraceStep(trial, number[call.request_id], call.agent, call.phase, digest, *tokens)
        )
    for one in run.moments:
        event = one.event
        if event.name != CALL_EVENT:
            found.append(
                TraceStep(trial, number[event.request_id], _agent(event.fields), event.name)
            )
    return tuple(sorted(found))


def spans(run: CellRun) -> tuple[Span, ...]:
    """The calls and waits of a cell by their start, for a picture of its clock."""
    number = _numbers(run)
    found = []
    for call in run.calls:
        failure = call.interaction.failure
        answered = f"HTTP {failure}" if failure.isdigit() else failure or ANSWERED
        found.append(
            Span(
                what="call",
                agent=call.agent,
                phase=call.phase,
                request=number[call.request_id],
                started_seconds=round(call.started_seconds, 6),
                ended_seconds=round(call.ended_seconds, 6),
                outcome=CANCELLED if call.cancelled else answered,
                tokens=call.interaction.usage.tokens,
            )
        )
    for one in run.moments:
        seconds = one.event.fields.get(WAIT_FIELD)
        if isinstance(seconds, (int, float)) and seconds > 0:
            found.append(
                Span(
                    what="wait",
                    agent=_agent(one.event.fields),
                    phase=one.event.name,
                    request=number[one.event.request_id],
                    started_seconds=round(one.seconds, 6),
                    ended_seconds=round(one.seconds + seconds, 6),
                    outcome=str(one.event.fields.get("reason", "")),
                    tokens=0,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.started_seconds, one.ended_seconds, one.agent)))


def _numbers(run: CellRun) -> Mapping[str, int]:
    """Request id -> its place in the session: the order of the artifacts, as acceptance has it.

    Ids that made no artifact follow as they were first heard of.
    """
    heard = sorted(
        [
            *((call.started_seconds, call.request_id) for call in run.calls),
            *((one.seconds, one.event.request_id) for one in run.moments),
        ]
    )
    ids = [*(one.request_id for one in run.outcome.artifacts), *(name for _, name in heard)]
    return {name: number for number, name in enumerate(dict.fromkeys(ids), start=1)}


def _agent(fields: Mapping[str, object]) -> str:
    """Whom an event speaks of: its agent, or the kind of file that an agent makes."""
    return str(fields.get("agent") or fields.get("kind") or "")
