"""What is known of a cell before a request without a recording."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from flagbench.cassette.cassette import Interaction
from flagbench.errors import NotRecorded, Problem
from flagbench.measurement.trace import DIGEST_DIGITS
from flagbench.measurement.trace_rows import Trace, TraceStep
from flagbench.run.cell_run import StoppedRun, TimedEvent
from flagbench.run.transport import Call
from flagbench.verdict.stopped_run import before_change, known

ANSWER = Interaction("POST", "/v1", b"{}", 500, "no", {}, b"{}", 1.0)
DIGEST = ANSWER.key[:DIGEST_DIGITS]


def stopped(*events: tuple[str, dict[str, Any]], calls: int = 1) -> StoppedRun:
    """A cell that was stopped at a review in its second request."""
    made = [Call("backend", "generate", "r1", ANSWER, 0, n, n + 1.0) for n in range(calls)]
    timed = [TimedEvent(0.0, SimpleNamespace(name="begun", request_id="r1", fields={}))]
    timed += [
        TimedEvent(5.0, SimpleNamespace(name=name, request_id="r2", fields=fields))
        for name, fields in events
    ]
    latest = ("tech_lead", "review", "r2")
    return StoppedRun(NotRecorded(Problem("not recorded")), made, timed, latest)


def accepted(*steps: TraceStep) -> Trace:
    """The accepted trace: the first request as it was, and these steps of the second one."""
    first = (
        TraceStep(1, 1, "", "begun"),
        TraceStep(1, 1, "backend", "generate", DIGEST),
        TraceStep(2, 1, "backend", "generate", "other trial"),
    )
    return Trace(steps=tuple(sorted((*first, *steps))))


SCORED = TraceStep(1, 2, "tests", "scored", detail="score 0.9")
APPROVED = TraceStep(1, 2, "tests", "approved")
LATER = TraceStep(1, 2, "tests", "review", "cd", 1000, 200)
HEAD = "it is a call of tech_lead, review, request 2, after 1 call"
REST = "to record: this call and those that follow from it; "


@pytest.mark.parametrize(
    ("events", "steps", "told"),
    [
        ([("scored", {"score": 0.9, "kind": "tests"})], [SCORED, APPROVED],
         ["before it, accepted decisions that were not taken: request 2, tests: approved"]),
        ([], [SCORED, APPROVED], ["before it, every call and decision was as accepted"]),
        ([("uncertain", {"kind": "tests"})], [APPROVED],
         ["before it, a decision flipped: request 2, tests: approved → uncertain"]),
        ([("scored", {"score": 0.4, "kind": "tests"}), ("uncertain", {"kind": "tests"})],
         [SCORED, APPROVED],
         ["before it, a decision for other reasons: request 2, tests: "
          "scored with score 0.9 → score 0.4",
          "before it, a decision flipped: request 2, tests: approved → uncertain"]),
        ([("approved", {"kind": "tests"}), ("approved", {"kind": "tests"})], [APPROVED],
         ["before it, a decision flipped: request 2, tests: as often as accepted → approved"]),
    ],
)  # fmt: skip
def test_the_decision_that_flipped(
    events: list[tuple[str, dict[str, Any]]], steps: list[TraceStep], told: list[str]
) -> None:
    """The first in time, with what was accepted in its place."""
    lines = known(stopped(*events), 1, accepted(*steps))
    assert lines == [HEAD, *told, REST + "every accepted call was made"]


def test_a_call_that_was_not_accepted() -> None:
    """Where every decision was."""
    lines = known(stopped(calls=2), 1, accepted())
    assert lines[1] == "before it, a call that was not accepted: request 1, backend: generate"


def test_how_much_was_not_reached() -> None:
    """An idea of what a recording asks for."""
    assert known(stopped(), 1, accepted(LATER))[-1] == (
        REST + "of the accepted trial, 1 call with 1,200 tokens not reached"
    )


def test_without_an_accepted_trace() -> None:
    """It is not taken for one that is the same."""
    assert known(stopped(), 1, None) == [
        HEAD, "what differed before it is not known, without an accepted trace",
    ]  # fmt: skip


def test_the_decision_that_flipped_before_a_changed_call() -> None:
    """Of a provisional replay: what came after that call is not a cause of it."""
    same = Call("backend", "generate", "r1", ANSWER, 0, 0.0, 1.0)
    changed = replace(same, request_id="r2", started_seconds=5.0, counterpart="paired")
    events = [("begun", "r1", 0.0, {}), ("uncertain", "r2", 4.0, {"kind": "tests"}),
              ("rejected", "r2", 6.0, {"kind": "tests"})]  # fmt: skip
    timed = [
        TimedEvent(at, SimpleNamespace(name=name, request_id=request, fields=fields))
        for name, request, at, fields in events
    ]
    run: Any = SimpleNamespace(calls=[same, changed], events=timed)
    assert before_change(run, 1, accepted(APPROVED)) == [
        "before it, a decision flipped: request 2, tests: approved → uncertain"
    ]
    assert before_change(run, 1, accepted(TraceStep(1, 2, "tests", "uncertain"))) == []
    assert before_change(run, 1, None) == []
    unchanged: Any = SimpleNamespace(calls=[same], events=timed)
    assert before_change(unchanged, 1, accepted(APPROVED)) == []
