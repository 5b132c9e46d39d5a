"""Trace of a cell: its calls and decisions as plain values, and spans for a timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flagbench.run.cell import CellRun

# Hexadecimal digits of a request's digest that identify it in a trace.
DIGEST_DIGITS = 16
ANSWERED, CANCELLED = "answered", "cancelled"
# Field of an event: the subject waits for this time before it continues.
WAIT_FIELD = "delay_seconds"
# An event that reports a call, which the trace has already.
CALL_EVENT = "llm_call"


class TraceStep(NamedTuple):  # sorted by the thousand
    """A call or a decision of a trial. `request` counts the session's requests from 1.

    `what` is the phase of a call or the name of an event; `digest` is the beginning of the digest
    of a call's request, "" for a decision.
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
        """Prompt and completion tokens."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Span:
    """A call or a wait of an agent, in seconds on the cell's clock."""

    what: str
    agent: str
    phase: str
    request: int
    started_seconds: float
    ended_seconds: float
    outcome: str
    tokens: int


def trace_of(run: CellRun, trial: int) -> tuple[TraceStep, ...]:
    """Every call and decision of a cell, sorted, so that concurrency does not change the trace."""
    number = _request_numbers(run)
    steps = []
    for call in run.calls:
        usage = call.interaction.usage
        digest = call.interaction.key[:DIGEST_DIGITS]
        tokens = usage.prompt_tokens, usage.completion_tokens
        steps.append(
            TraceStep(trial, number[call.request_id], call.agent, call.phase, digest, *tokens)
        )
    for timed in run.events:
        event = timed.event
        if event.name != CALL_EVENT:
            steps.append(
                TraceStep(trial, number[event.request_id], _agent(event.fields), event.name)
            )
    return tuple(sorted(steps))


def spans(run: CellRun) -> tuple[Span, ...]:
    """The calls and waits of a cell by their start, for its timeline."""
    number = _request_numbers(run)
    found = []
    for call in run.calls:
        failure = call.interaction.failure
        outcome = f"HTTP {failure}" if failure.isdigit() else failure or ANSWERED
        found.append(
            Span(
                what="call",
                agent=call.agent,
                phase=call.phase,
                request=number[call.request_id],
                started_seconds=round(call.started_seconds, 6),
                ended_seconds=round(call.ended_seconds, 6),
                outcome=CANCELLED if call.cancelled else outcome,
                tokens=call.interaction.usage.tokens,
            )
        )
    for timed in run.events:
        seconds = timed.event.fields.get(WAIT_FIELD)
        if isinstance(seconds, (int, float)) and seconds > 0:
            found.append(
                Span(
                    what="wait",
                    agent=_agent(timed.event.fields),
                    phase=timed.event.name,
                    request=number[timed.event.request_id],
                    started_seconds=round(timed.seconds, 6),
                    ended_seconds=round(timed.seconds + seconds, 6),
                    outcome=str(timed.event.fields.get("reason", "")),
                    tokens=0,
                )
            )
    return tuple(
        sorted(found, key=lambda span: (span.started_seconds, span.ended_seconds, span.agent))
    )


def _request_numbers(run: CellRun) -> Mapping[str, int]:
    """Number the request ids from 1: in the order of the artifacts, as acceptance does.

    Ids without an artifact follow in the order of their first call or event.
    """
    appearances = sorted(
        [
            *((call.started_seconds, call.request_id) for call in run.calls),
            *((timed.seconds, timed.event.request_id) for timed in run.events),
        ]
    )
    artifacts = run.outcome.artifacts
    ids = [*(artifact.request_id for artifact in artifacts), *(name for _, name in appearances)]
    return {name: number for number, name in enumerate(dict.fromkeys(ids), start=1)}


def _agent(fields: Mapping[str, object]) -> str:
    """The agent of an event, or the kind of file that the agent generates."""
    return str(fields.get("agent") or fields.get("kind") or "")
