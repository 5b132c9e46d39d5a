"""What a subject reports is held against what was measured."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from flagbench.cassette.cassette import Interaction
from flagbench.measurement.self_report import contradictions
from flagbench.run.cell_run import CellRun, TimedEvent
from flagbench.run.transport import Call

PROMPT = b'{"messages": [{"role": "user", "content": "Say hello"}]}'
BODY = (
    b'{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], '
    b'"usage": {"prompt_tokens": 100, "completion_tokens": 10}}'
)
ANSWERED = Interaction("POST", "/v1", PROMPT, 200, "OK", {}, BODY, 1.0)
REFUSED = Interaction("POST", "/v1", PROMPT, 429, "no", {}, b"{}", 1.0)
COUNTED = ANSWERED.usage.prompt_tokens


def run(
    *,
    reported: Mapping[str, float] | None = None,
    rates: Mapping[str, tuple[int, int]] | None = None,
    events: tuple[tuple[str, dict[str, Any]], ...] = (),
) -> CellRun:
    """Two answered calls, one refused and one cancelled, in 20 seconds."""
    calls = [(ANSWERED, False), (REFUSED, False), (ANSWERED, True), (ANSWERED, False)]
    return CellRun(
        SimpleNamespace(artifacts=(), rates=rates or {}, reported=reported or {}),
        tuple(Call("a", "", "r", one, 0, 0.0, 1.0, cancelled) for one, cancelled in calls),
        tuple(
            TimedEvent(0.0, SimpleNamespace(name=name, request_id="r", fields=fields))
            for name, fields in events
        ),
        20.0,
        0.0,
        0.0,
    )


@pytest.mark.parametrize(
    "reported",
    [
        {"calls": 2}, {"calls": 3}, {"calls": 4},
        {"prompt_tokens": 200}, {"prompt_tokens": 300}, {"prompt_tokens": 2 * COUNTED},
        {"completion_tokens": 20}, {"tokens": 220}, {"tokens": 330},
        {"seconds": 20}, {"seconds": 20.19}, {"seconds": 19.9},
    ],
)  # fmt: skip
def test_what_may_be_reported(reported: dict[str, float]) -> None:
    """With or without calls that failed, counted here or by the provider, roughly in seconds."""
    assert contradictions(run(reported=reported)) == ()


@pytest.mark.parametrize(
    ("reported", "measured"),
    [
        ({"calls": 1}, "2 or 4"),
        ({"calls": 5}, "2 or 4"),
        ({"prompt_tokens": 100}, f"{2 * COUNTED} or {3 * COUNTED} or 200 or 300"),
        ({"prompt_tokens": 400}, f"{2 * COUNTED} or {3 * COUNTED} or 200 or 300"),
        ({"completion_tokens": 0}, "2 or 3 or 20 or 30"),
        ({"seconds": 10}, "20"),
        ({"seconds": 21}, "20"),
        ({"seconds": 0}, "20"),
    ],
)
def test_what_may_not(reported: dict[str, float], measured: str) -> None:
    """Halves, doubles and zeros."""
    (found,) = contradictions(run(reported=reported))
    ((name, value),) = reported.items()
    assert (found.metric, found.reported, found.measured) == (f"reported {name}", value, measured)


CALL = ("llm_call", {"prompt_tokens": 100, "completion_tokens": 10})
HALF = ("llm_call", {"prompt_tokens": 50, "completion_tokens": 10})


@pytest.mark.parametrize(
    ("events", "metrics"),
    [
        ((), []),
        ((CALL, CALL), []),
        ((CALL, CALL, CALL), []),
        ((("llm_call", {}), ("llm_call", {})), []),
        ((HALF, HALF), ["prompt_tokens by the events llm_call"]),
        ((CALL,), ["calls by the events llm_call", "prompt_tokens by the events llm_call",
                   "completion_tokens by the events llm_call"]),
    ],
)  # fmt: skip
def test_events_that_report_calls(
    events: tuple[tuple[str, dict[str, Any]], ...], metrics: list[str]
) -> None:
    """A subject that reports its calls reports all that were answered, with their tokens."""
    assert [found.metric for found in contradictions(run(events=events))] == metrics


HITS = (("cache_hit", {}), ("cache_hit", {}), ("cache_miss", {}))


@pytest.mark.parametrize(
    ("rates", "events", "measured"),
    [
        ({"cache_hit_rate": (2, 3)}, HITS, []),
        ({"cache_hit_rate": (1, 3)}, HITS, []),
        ({"cache_hit_rate": (3, 3)}, HITS, ["2 cache_hit"]),
        ({"cache_hit_rate": (4, 3)}, HITS, ["0 to its whole, 3", "2 cache_hit"]),
        ({"reuse_rate": (4, 4)}, HITS, []),
        ({"reuse_rate": (0, 0)}, (), []),
        ({"reuse_rate": (5, 4)}, (), ["0 to its whole, 4"]),
        ({"reuse_rate": (-1, 4)}, (), ["0 to its whole, 4"]),
    ],
)
def test_rates(
    rates: dict[str, tuple[int, int]],
    events: tuple[tuple[str, dict[str, Any]], ...],
    measured: list[str],
) -> None:
    """A part is of its whole, and at most the number of the events that it is named after."""
    assert [found.measured for found in contradictions(run(rates=rates, events=events))] == measured
