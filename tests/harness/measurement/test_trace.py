"""What a cell did: its calls and decisions as values, and its clock as bars."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from house import House
from scripted_provider import scripted_provider

from flagbench.cassette.cassette import Interaction
from flagbench.headers import CLOSED, OUTCOME
from flagbench.measurement.trace import Span, spans, trace_of
from flagbench.measurement.trace_rows import TracedRate, TraceStep
from flagbench.run.cell_run import CellRun, TimedEvent
from flagbench.run.transport import Call
from flagbench.scenario.designs import parse
from flagbench.series.series import MeasuredCell


def cells(house: House, combination: str) -> tuple[MeasuredCell, ...]:
    """The cells of a series of the tiny scenario."""
    scenario = house.scenario
    return house.runner().cells(scenario, parse(combination, scenario.factors))


def event(name: str, seconds: float, request_id: str = "r", **fields: Any) -> TimedEvent:
    """Something that a subject did."""
    return TimedEvent(seconds, SimpleNamespace(name=name, request_id=request_id, fields=fields))


REFUSED = Interaction("POST", "/v1", b'{"a": 1}', 429, "no", {}, b"{}", 0.5)


def made_up(*, calls: tuple[Call, ...] = (), events: tuple[TimedEvent, ...] = ()) -> CellRun:
    """A cell that made nothing."""
    outcome = SimpleNamespace(artifacts=(), rates={})
    return CellRun(outcome, calls, events, 1.0, 0.0, 0.0)


def test_the_steps_of_a_real_cell(house: House) -> None:
    """Three calls with their tokens and the digest of what was sent, three decisions."""
    first, second = cells(house, "none")
    generated = [one for one in first.trace.steps if one.what == "generate"]
    assert [(one.trial, one.request, one.agent) for one in generated] == [
        (1, 1, "writer"), (1, 2, "writer"), (1, 3, "writer"),
    ]  # fmt: skip
    assert [one.digest for one in generated] == [
        one.digest for one in second.trace.steps if one.what == "generate"
    ]
    assert len({one.digest for one in generated}) == 3
    assert sum(one.tokens for one in first.trace.steps) == first.measurement.tokens
    written = [one for one in first.trace.steps if one.what == "written"]
    assert [(one.request, one.digest, one.tokens) for one in written] == [
        (1, "", 0), (2, "", 0), (3, "", 0),
    ]  # fmt: skip


def test_steps_do_not_depend_on_what_ran_beside_what(house: House) -> None:
    """The same calls one after the other and at once: the same steps, each with its timing."""
    alone, at_once = cells(house, "none")[0], cells(house, "parallel")[0]
    assert [one.bare for one in alone.trace.steps] == [one.bare for one in at_once.trace.steps]
    assert {one.beside for one in alone.trace.steps} == {0}
    assert {one.beside for one in at_once.trace.steps if one.digest} == {2}
    assert [one.started_seconds for one in at_once.timeline] == [0.0, 0.0, 0.0]
    assert [one.started_seconds for one in alone.timeline] != [0.0, 0.0, 0.0]
    assert max(one.ended_seconds for one in alone.timeline) == alone.measurement.seconds


def test_the_timeline_is_of_the_first_trial(house: House) -> None:
    """A picture needs one cell."""
    assert [bool(one.timeline) for one in cells(house, "none")] == [True, False]


def test_an_event_that_tells_of_a_call_is_no_decision() -> None:
    """The call is there already."""
    found = made_up(events=(event("llm_call", 0.0), event("cache_hit", 0.0)))
    assert trace_of(found, 4).steps == (TraceStep(4, 1, "", "cache_hit"),)


@pytest.mark.parametrize(("fields", "agent"), [({"kind": "tests"}, "tests"), ({}, "")])
def test_whom_a_decision_is_of(fields: dict[str, str], agent: str) -> None:
    """Its agent, or the kind of file; nobody where the event does not say."""
    found = made_up(events=(event("template_selected", 0.0, **fields),))
    assert trace_of(found, 1).steps == (TraceStep(1, 1, agent, "template_selected"),)


def test_the_files_and_rates_of_a_real_cell(house: House) -> None:
    """Each file with its digest and the subject's approval, and what the subject counted."""
    (cell, _) = cells(house, "short")
    assert [(one.request, one.path, one.approved) for one in cell.trace.files] == [
        (1, "0.py", True), (2, "1.py", True), (3, "2.py", True),
    ]  # fmt: skip
    assert [one.sha256[:16] for one in cell.measurement.artifacts] == [
        one.digest for one in cell.trace.files
    ]
    assert all(cell.texts[one.digest].startswith("def ") for one in cell.trace.files)
    assert cell.trace.rates == (TracedRate(1, "short_rate", 3, 3),)


def test_requests_that_begin_at_once_are_numbered_as_they_began() -> None:
    """Their ids are arbitrary: two that take no time are not swapped by them."""
    found = made_up(
        events=(event("hit", 0.0, "z"), event("hit", 0.0, "a"), event("done", 0.0, "z"))
    )
    assert [(one.request, one.what) for one in trace_of(found, 1).steps] == [
        (1, "done"), (1, "hit"), (2, "hit"),
    ]  # fmt: skip


def test_files_of_no_request_take_no_number_from_a_request() -> None:
    """A subject that returns texts by their paths, and names requests in its calls alone."""
    files = (SimpleNamespace(path="x.py", text="", kind="py", approved=None, request_id=""),)
    calls = (Call("a", "", "first", REFUSED, 0, 0.0, 0.5),)
    found = replace(made_up(calls=calls), outcome=SimpleNamespace(artifacts=files, rates={}))
    assert [step.request for step in trace_of(found, 1).steps] == [1]


def test_a_cancelled_call_says_when() -> None:
    """A timeout that became shorter is a change."""
    cut = Call("a", "generate", "r", REFUSED, 0, 1.0, 1.25, cancelled=True)
    (step,) = trace_of(made_up(calls=(cut,)), 1).steps
    assert (step.detail, step.pause_seconds) == ("cancelled after 0.250 s", 1.0)


def test_a_recording_is_that_of_the_calls_that_were_played() -> None:
    """Another latency is another recording; what other combinations recorded is not."""
    slower = replace(REFUSED, elapsed_seconds=0.7)
    one, other = (
        trace_of(made_up(calls=(Call("a", "", "r", answer, 0, 0.0, 0.5),)), 1).recordings[0]
        for answer in (REFUSED, slower)
    )
    assert one.digest != other.digest
    assert (one.trial, one.pause_seconds) == (1, 0.5)


def test_a_closed_connection_is_a_span() -> None:
    """It is told by its name, since it had no HTTP status."""
    headers = {OUTCOME: (CLOSED,)}
    closed = Interaction("POST", "/v1", b'{"a": 1}', 502, "no", headers, b"{}", 0.5)
    (bar,) = spans(made_up(calls=(Call("a", "generate", "r", closed, 0, 0.0, 0.5),)))
    assert bar.outcome == "closed"


def test_waits_refusals_and_cancelled_calls_are_spans() -> None:
    """By their start; a wait lasts as long as its event says."""
    calls = (
        Call("b", "generate", "r", REFUSED, 1, 0.25, 0.5, cancelled=True),
        Call("a", "generate", "r", REFUSED, 0, 0.0, 0.5),
    )
    events = (
        event("retry", 0.5, agent="a", delay_seconds=2.0, reason="rate_limit"),
        event("retry", 0.5, agent="a", delay_seconds=0, reason="rate_limit"),
    )
    assert spans(made_up(calls=calls, events=events)) == (
        Span("call", "a", "generate", 1, 0.0, 0.5, "HTTP 429", 0),
        Span("call", "b", "generate", 1, 0.25, 0.5, "cancelled", 0),
        Span("wait", "a", "retry", 1, 0.5, 2.5, "rate_limit", 0),
    )


def test_the_far_end_of_a_sweep_is_pictured(house: House) -> None:
    """Where every trial has the same settings, the first one is."""

    def pictured() -> list[int]:
        return [one.measurement.trial for one in cells(house, "none") if one.timeline]

    assert pictured() == [1]
    settings = "{by_trial: {rate_limit: [0.0, 0.0]}}"
    house.edit("trials: 2\n", f"trials: 2\nprovider: {{name: simulated, settings: {settings}}}\n")
    with scripted_provider() as provider:
        house.record(provider.base_url, fresh=True)
    assert pictured() == [2]
