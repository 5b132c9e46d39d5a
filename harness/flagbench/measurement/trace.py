"""Trace of a cell: its calls and decisions as plain values, and spans for a timeline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagbench.acceptance.artifact_proof import ArtifactProof
from flagbench.measurement import event_details
from flagbench.measurement.call_timing import pause_at_end, timings
from flagbench.measurement.measurement import digest, own_metrics
from flagbench.measurement.proof_message import repeatable
from flagbench.measurement.streams import first_token_of
from flagbench.measurement.trace_rows import (
    Trace,
    TracedFile,
    TracedMetric,
    TracedProof,
    TracedRate,
    TracedRecording,
    TraceStep,
)
from flagbench.run.cell_run import Call, CellRun, TimedEvent
from flagbench.subject import Artifact

# Hexadecimal digits of a request's digest that identify it in a trace.
DIGEST_DIGITS = 16
ANSWERED, CANCELLED = "answered", "cancelled"


@dataclass(frozen=True, slots=True)
class Span:
    """A call or a wait of an agent, in seconds on the cell's clock.

    `first_token_seconds` is the time of a streamed call's first token, on the same clock; None for
    a call that was not streamed, or that ended before it.
    """

    what: str
    agent: str
    phase: str
    request: int
    started_seconds: float
    ended_seconds: float
    outcome: str
    tokens: int
    first_token_seconds: float | None = None


def trace_of(run: CellRun, trial: int, proofs: Sequence[ArtifactProof] = ()) -> Trace:
    """The trace of a cell."""
    number = request_numbers(run.calls, run.events, run.outcome.artifacts)
    played = "\n".join(sorted(call.interaction.digest for call in run.calls))
    recording = digest(played)[:DIGEST_DIGITS], pause_at_end(run.calls, run.seconds)
    return Trace(
        steps=_steps(run.calls, run.events, number, trial),
        files=tuple(
            sorted(
                TracedFile(
                    trial,
                    number[artifact.request_id],
                    artifact.path,
                    digest(artifact.text)[:DIGEST_DIGITS],
                    bool(artifact.approved),
                )
                for artifact in run.outcome.artifacts
            )
        ),
        proofs=tuple(
            sorted(
                TracedProof(trial, proven.request, proven.path, *_first_failure(proven))
                for proven in proofs
            )
        ),
        rates=tuple(
            TracedRate(trial, name, int(part), int(whole))
            for name, (part, whole) in sorted(run.outcome.rates.items())
        ),
        recordings=(TracedRecording(trial, *recording),),
        metrics=tuple(
            TracedMetric(trial, name, metric.value, metric.unit, metric.better)
            for name, metric in own_metrics(run.outcome).items()
        ),
    )


def steps_until_stop(
    calls: Sequence[Call], events: Sequence[TimedEvent], trial: int, request_id: str
) -> tuple[tuple[TraceStep, ...], int]:
    """The steps of a cell that was stopped, unsorted, and the number of the request it was at.

    Decisions come in their order, after the calls.
    """
    number = request_numbers(calls, events, ())
    at = number.get(request_id, len(number) + 1)
    return tuple(_unsorted_steps(calls, events, number, trial)), at


def _steps(
    calls: Sequence[Call], events: Sequence[TimedEvent], number: Mapping[str, int], trial: int
) -> tuple[TraceStep, ...]:
    return tuple(sorted(_unsorted_steps(calls, events, number, trial)))


def _unsorted_steps(
    calls: Sequence[Call], events: Sequence[TimedEvent], number: Mapping[str, int], trial: int
) -> Iterator[TraceStep]:
    for call, timing in zip(calls, timings(calls), strict=True):
        usage = call.interaction.usage
        yield TraceStep(
            trial,
            number[call.request_id],
            call.agent,
            call.phase,
            call.interaction.key[:DIGEST_DIGITS],
            usage.prompt_tokens,
            usage.completion_tokens,
            *timing,
            _detail(call),
        )
    for timed in events:
        event = timed.event
        if event.name not in event_details.NO_STEPS:
            yield TraceStep(
                trial,
                number[event.request_id],
                agent_of(event.fields),
                event.name,
                detail=event_details.detail(event),
            )


def _detail(call: Call) -> str:
    """The end of a call before its answer, and the replacements in its request; "" for neither."""
    replaced = ", ".join(f"{count} of {rule}" for rule, count in call.places)
    seconds = call.ended_seconds - call.started_seconds
    told = (
        f"cancelled after {seconds:.3f} s" if call.cancelled else "",
        f"normalised: {replaced}" if replaced else "",
    )
    return "; ".join(filter(None, told))


def _first_failure(proven: ArtifactProof) -> tuple[str, str]:
    if proven.proof.accepted:
        return "", ""
    return proven.proof.check, repeatable(proven.proof.message)


def spans(run: CellRun) -> tuple[Span, ...]:
    """The calls and waits of a cell by their start, for its timeline."""
    number = request_numbers(run.calls, run.events, run.outcome.artifacts)
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
                first_token_seconds=first_token_of(call),
            )
        )
    for timed in run.events:
        seconds = timed.event.fields.get(event_details.WAIT_FIELD)
        if isinstance(seconds, (int, float)) and seconds > 0:
            found.append(
                Span(
                    what="wait",
                    agent=agent_of(timed.event.fields),
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


def request_numbers(
    calls: Sequence[Call], events: Sequence[TimedEvent], artifacts: Sequence[Artifact]
) -> Mapping[str, int]:
    """Number the request ids from 1: in the order of the artifacts, as acceptance does.

    Ids without an artifact follow in the order of their first call or event. At the same instant,
    it is the order of the events: ids are arbitrary, and requests that take no time begin at once.
    Artifacts of no request are last, so that they take no request's number.
    """
    appearances = sorted(
        [
            *((timed.seconds, timed.event.request_id) for timed in events),
            *((call.started_seconds, call.request_id) for call in calls),
        ],
        key=lambda appearance: appearance[0],
    )
    made = [artifact.request_id for artifact in artifacts]
    ids = [*filter(None, made), *(name for _, name in appearances), *made]
    return {name: number for number, name in enumerate(dict.fromkeys(ids), start=1)}


def agent_of(fields: Mapping[str, object]) -> str:
    """The agent of an event, or the kind of file that the agent generates."""
    return str(fields.get("agent") or fields.get("kind") or "")
