"""Rows of a trace: steps, files, proofs, what is reported, and recordings, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, NamedTuple


class TraceStep(NamedTuple):  # sorted by the thousand
    """A call or a decision of a trial. `request` counts the session's requests from 1.

    `what` is the phase of a call or the name of an event; `digest` is the beginning of the digest
    of a call's request, "" for a decision. `pause_seconds` and `beside` are a call's `Timing`;
    `detail` has the fields of an event that the subject chose, or when a call was cancelled.
    """

    trial: int
    request: int
    agent: str
    what: str
    digest: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    pause_seconds: float = 0.0
    beside: int = 0
    detail: str = ""

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def bare(self) -> "TraceStep":
        """The step without its timing and detail."""
        return TraceStep(*self[:7])


# The end of an answer that was cut off, and of a call whose failure a trace does not name.
CUT_OFF, FAILED = "length", "failed"


class CostedStep(NamedTuple):
    """A call, or a decision, whose `digest` is "".

    `end` is the failure of a call (an HTTP code, `closed`, `cut`), `length` for an answer that was
    cut off, "" for any other. Seconds and dollars are None where they are unknown.
    """

    trial: int
    request: int
    agent: str
    what: str
    digest: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float | None = None
    prompt_usd: float | None = None
    completion_usd: float | None = None
    end: str = ""


class TracedFile(NamedTuple):
    """A generated file. `digest` is the beginning of its SHA-256."""

    trial: int
    request: int
    path: str
    digest: str
    approved: bool


class TracedProof(NamedTuple):
    """The proof of a file or project: its first failed check with the message, "" if accepted."""

    trial: int
    request: int
    path: str
    check: str
    message: str


class TracedRate(NamedTuple):
    """A rate that the subject reports about itself: a count `part` out of `whole`."""

    trial: int
    name: str
    part: int
    whole: int


class TracedMetric(NamedTuple):
    """A number of the subject's own, as it reports it."""

    trial: int
    name: str
    value: float
    unit: str
    better: str


class TracedRecording(NamedTuple):
    """The recorded calls of a trial, by the digest of requests, answers and latencies.

    `pause_seconds` is the time between the last call and the end of the trial.
    """

    trial: int
    digest: str
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class Trace:
    """Rows of a cell, or of all cells of a series: sorted, so that concurrency changes no order."""

    steps: tuple[TraceStep, ...] = ()
    files: tuple[TracedFile, ...] = ()
    proofs: tuple[TracedProof, ...] = ()
    rates: tuple[TracedRate, ...] = ()
    recordings: tuple[TracedRecording, ...] = ()
    metrics: tuple[TracedMetric, ...] = ()

    @classmethod
    def joined(cls, traces: Iterable["Trace"]) -> "Trace":
        """The trace of a series of the traces of its cells."""
        columns = zip(*(trace.columns for trace in traces), strict=True)
        return cls(*(tuple(sorted(chain.from_iterable(column))) for column in columns))

    @property
    def columns(self) -> tuple[tuple[Any, ...], ...]:
        """The rows of each kind."""
        return tuple(getattr(self, kind.name) for kind in fields(self))
