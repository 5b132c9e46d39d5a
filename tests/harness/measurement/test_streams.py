"""The pace of streams: measured where there was a stream, and absent anywhere else."""

import json
from collections.abc import Callable

import pytest
from house import House
from streaming_server import PARTS, WORDS, chunk, streaming

from flagbench.cassette.usage import streamed_content
from flagbench.measurement.cell_result import from_row
from flagbench.measurement.streams import StreamedCall, metrics_of
from flagbench.measurement.summary import summarise
from flagbench.report.series_report import SeriesReport
from flagbench.report.text import stream_pace

SUBJECT = """
from tiny import Made
async def run(requests, flags, client, *, model, workdir, listener):
    stream = await client.chat.completions.create(
        model=model, stream=True, messages=[{"role": "user", "content": requests[0]}])
    async for event in stream:
        %s
    return Made([], {})
"""


def recorded(house: House, subject_module: Callable[[str], str], body: str = "pass") -> House:
    """A house whose subject streams one call."""
    house.edit(
        "tiny.write\n", f"{subject_module(SUBJECT % body)}\nfactors: {{short: {{env: S}}}}\n"
    )
    house.edit('targets:\n  all:\n    token_reduction: ">= 20 %"\n', "targets:\n  all:\n")
    with streaming() as base:
        house.record(base)
    return house


def test_a_streamed_call_is_timed_by_its_chunks_with_content(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """The first words, not the role before them; the tokens over the time of the words."""
    house = recorded(empty_house, subject_module)
    scenario = house.scenario
    cell = house.runner().cell_runner.cell(scenario, scenario.control, 1)
    row = cell.measurement
    (call,) = house.runner().cell_runner.cassette(scenario, 1).interactions
    first, last = call.chunks[1].seconds, call.chunks[len(WORDS)].seconds
    rate = round(row.completion_tokens / (last - first), 6)
    assert row.streams == [StreamedCall("", "", "", first, rate)]
    assert (row.first_token_seconds, row.first_token_seconds_p50) == (first, first)
    assert (row.tokens_per_second, row.tokens_per_second_p50) == (rate, rate)
    assert from_row(json.loads(json.dumps(row.row()))) == row
    series = house.runner().series(scenario, scenario.control)
    measured = [cell.measurement.first_token_seconds for cell in series.cells]
    assert len(measured) == scenario.trials
    assert series.summary.metrics["first_token_seconds"] == round(sum(measured) / len(measured), 6)


def test_a_target_may_name_the_pace(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """As any other metric."""
    house = recorded(empty_house, subject_module)
    house.edit("  all:\n", '  all:\n    first_token_seconds_p50: "<= 0.01"\n')
    scenario = house.scenario
    (every,) = (one for one in scenario.combinations if one.id == "all")
    series = house.runner().series(scenario, every)
    assert "first_token_seconds_p50" in [check.metric for check in series.verdict.broken]


def test_what_a_call_did_not_see_is_not_measured(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """A break at the role comes before the first token; its tokens count in full."""
    house = recorded(empty_house, subject_module, "break")
    row = house.runner().cell_runner.cell(house.scenario, house.scenario.control, 1).measurement
    assert row.streams == [StreamedCall("", "", "", None, None)]
    assert row.first_token_seconds is row.tokens_per_second is None
    assert row.completion_tokens > 0
    assert not {"first_token_seconds", "tokens_per_second"} & set(summarise([row], [row]).metrics)


def test_without_a_stream_there_is_no_pace(house: House) -> None:
    """None in the row, nothing in the summary."""
    row = house.runner().cell_runner.cell(house.scenario, house.scenario.control, 1).measurement
    assert row.streams == []
    assert row.first_token_seconds is row.tokens_per_second_p50 is None
    assert "first_token_seconds" not in summarise([row], [row]).metrics


def test_mean_and_median_are_over_calls() -> None:
    """Without those that were not measured."""
    calls = [
        StreamedCall("", "", "", first, rate)
        for first, rate in ((1.0, 10.0), (2.0, None), (6.0, 30.0), (None, None))
    ]
    assert metrics_of(calls) == {
        "first_token_seconds": 3.0, "first_token_seconds_p50": 2.0,
        "tokens_per_second": 20.0, "tokens_per_second_p50": 20.0,
    }  # fmt: skip


def report(name: str, metrics: dict[str, float]) -> SeriesReport:
    """A series with these metrics."""
    return SeriesReport(
        "s", "", "s.yaml", "mine", "m", 1, 1, name, 0, ("none", "all"), True, "KEPT",
        metrics=metrics,
    )  # fmt: skip


def test_a_report_shows_the_pace_where_any_series_has_it() -> None:
    """Another series is n/a, never zero; without a stream there is no line."""
    paced = report("none", {"first_token_seconds": 0.5, "first_token_seconds_p50": 0.25})
    plain = report("all", {})
    assert stream_pace.lines([paced, plain]) == [
        "seconds to the first token: none 0.500 (p50 0.250), all n/a (p50 n/a)"
    ]
    assert stream_pace.lines([plain]) == []


def test_a_timeline_has_the_first_token(
    empty_house: House, subject_module: Callable[[str], str]
) -> None:
    """On the clock of the cell."""
    house = recorded(empty_house, subject_module)
    cell = house.runner().cell_runner.cell(house.scenario, house.scenario.control, 1)
    (span,) = cell.timeline
    assert span.first_token_seconds == cell.measurement.first_token_seconds


def of(*events: object, ends: str = "\n\n") -> bytes:
    """An event stream, without its end."""
    return "".join(f"data: {json.dumps(event)}{ends}" for event in events).encode()


EMPTY: list[object] = [
    {"type": "response.created", "response": {"instructions": "x", "output": [], "text": "y"}},
    {"type": "message_start", "message": {"role": "assistant", "content": []}},
    {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
    {"choices": [{"delta": {"role": "assistant", "content": ""}}]},
    {"choices": [], "usage": {"completion_tokens": 4}},
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"error": {"message": "x", "content": "y"}},
]
WITH_CONTENT: dict[str, object] = {
    "chat": {"choices": [{"delta": {"content": "a"}}]},
    "reasoning": {"choices": [{"delta": {"reasoning_content": "a"}}]},
    "refusal": {"choices": [{"delta": {"refusal": "a"}}]},
    "tool call": {"choices": [{"delta": {"tool_calls": [{"function": {"name": "f"}}]}}]},
    "completion": {"choices": [{"text": "a"}]},
    "Responses": {"type": "response.output_text.delta", "delta": "a"},
    "Responses, a call": {"type": "response.function_call_arguments.delta", "delta": "{"},
    "Anthropic": {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}},
    "Anthropic, a call": {"type": "content_block_delta", "delta": {"partial_json": "{"}},
    "Anthropic, thinking": {"type": "content_block_delta", "delta": {"thinking": "a"}},
    "Gemini": {"candidates": [{"content": {"parts": [{"text": "a"}]}}]},
    "Gemini, a call": {"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}}]},
    "Ollama": {"message": {"role": "assistant", "content": "a"}},
    "Ollama, generate": {"response": "a"},
}


@pytest.mark.parametrize("event", WITH_CONTENT.values(), ids=WITH_CONTENT)
def test_content_is_what_a_model_generated(event: object) -> None:
    """Whatever the API; a role, a report of usage and an error are none."""
    assert streamed_content.ends_of(of(*EMPTY)) is None
    before, whole = of(*EMPTY), of(*EMPTY, event)
    assert streamed_content.ends_of(whole + of(*EMPTY)) == (len(whole), len(whole))
    lines = json.dumps(event).encode() + b"\n"
    assert streamed_content.ends_of(b"{}\n" + lines) == (3 + len(lines),) * 2
    assert len(before) < len(whole)


@pytest.mark.parametrize("ends", ["\n\n", "\r\n\r\n", "\r\r"])
def test_an_event_is_complete_with_its_empty_line(ends: str) -> None:
    """Whatever ends a line."""
    event = {"choices": [{"delta": {"content": "a"}}]}
    assert streamed_content.ends_of(of(event, event, ends=ends)) == (
        len(of(event, ends=ends)), 2 * len(of(event, ends=ends)),
    )  # fmt: skip


def test_bytes_that_are_no_events_have_no_content() -> None:
    """Nothing is invented."""
    for body in (b"", b"\xff\xfe", b"data: [DONE]\n\n", b"data: {\n\n", chunk({})[:30]):
        assert streamed_content.ends_of(body) is None
    assert streamed_content.ends_of(b"".join(PARTS)) is not None
