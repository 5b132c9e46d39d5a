"""Metrics under the seed's names, the five lines, and the warnings with their thresholds."""

from collections.abc import Mapping
from dataclasses import fields

import pytest

from flagbench_generators.crud.flags import Flags
from flagbench_generators.crud.metrics import (
    AggregatedMetrics,
    PerformanceMetrics,
    aggregate,
    by_request,
    rates,
    warnings,
)
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact, Origin
from flagbench_generators.kernel.events import Event

NOTHING = {
    "cache_hit_rate": (0, 0),
    "template_usage_rate": (0, 0),
    "confident_validation_rate": (0, 0),
}


def happened(*names: str, request_id: str = "r-01", kind: str = "backend") -> list[Event]:
    """Events of one request, about one kind."""
    return [Event(name, request_id, {"kind": kind}) for name in names]


def measured(tokens: int = 8000, seconds: float = 40.0) -> PerformanceMetrics:
    """One request of the seed's own size unless told otherwise."""
    return PerformanceMetrics("r-01", seconds, tokens, None, None, None, 1.0)


def artifact(approved: bool, request_id: str = "r-01") -> Artifact:
    """An artifact of which only the verdict matters."""
    return Artifact("backend", "Student", "p", "t", approved, Origin.MODEL, request_id)


def test_the_names_are_the_seeds() -> None:
    """Per request and aggregated."""
    assert {one.name for one in fields(PerformanceMetrics)} == {
        "request_id", "total_time", "total_tokens", "cache_hit", "template_used",
        "validation_outcome", "approval_rate", "test_passed",
    }  # fmt: skip
    assert {one.name for one in fields(AggregatedMetrics)} >= {
        "cache_hit_rate", "template_usage_rate", "confident_validation_rate",
        "token_reduction_pct", "time_reduction_pct", "approval_rate", "test_pass_rate",
    }  # fmt: skip


def test_a_request_is_folded_from_its_own_events() -> None:
    """Tokens of all calls, the clock's seconds, what was decided, the share approved."""
    call = {"prompt_tokens": 100, "completion_tokens": 20}
    told = [
        *happened(events.CACHE_MISS),
        Event(events.LLM_CALL, "r-01", call),
        Event(events.LLM_CALL, "r-01", call),
        *happened(events.TEMPLATE_SELECTED, events.CONFIDENT_APPROVAL, events.UNCERTAIN),
        Event(events.REQUEST_DONE, "r-01", {"seconds": 12.5}),
        Event(events.LLM_CALL, "r-02", call),
        *happened(events.CACHE_HIT, request_id="r-02"),
    ]
    made = [artifact(approved=True), artifact(approved=False), artifact(True, "r-02")]
    first, second = by_request(told, made)
    assert first == PerformanceMetrics(
        "r-01", 12.5, 240, cache_hit=False, template_used=True,
        validation_outcome=events.UNCERTAIN, approval_rate=0.5,
    )  # fmt: skip
    assert (second.total_tokens, second.cache_hit, second.approval_rate) == (120, True, 1.0)
    assert (second.template_used, second.validation_outcome) == (None, None)


def test_rates_are_parts_of_wholes() -> None:
    """Hits of look-ups, templates of artifacts that could have one, sure verdicts of all."""
    told = happened(
        events.CACHE_HIT, events.CACHE_MISS, events.CACHE_MISS,
        events.CONFIDENT_APPROVAL, events.CONFIDENT_REJECTION, events.UNCERTAIN,
    )  # fmt: skip
    told += happened(events.TEMPLATE_SELECTED) + happened(events.TEMPLATE_FALLBACK, kind="tests")
    assert rates(told) == {
        "cache_hit_rate": (1, 3),
        "template_usage_rate": (1, 2),
        "confident_validation_rate": (2, 3),
    }


def test_a_rejected_template_is_not_used() -> None:
    """Selected and then fallen back is one artifact, and the model wrote it."""
    told = happened(events.TEMPLATE_SELECTED, events.TEMPLATE_FALLBACK)
    assert rates(told)["template_usage_rate"] == (0, 1)
    twice = happened(events.TEMPLATE_SELECTED, events.TEMPLATE_SELECTED)
    assert rates(twice)["template_usage_rate"] == (1, 1)


def test_nothing_asked_is_nothing_of_nothing() -> None:
    """A flag that is off has a rate of 0 of 0, not of 0 %."""
    assert rates([]) == NOTHING
    session = aggregate([measured()], NOTHING)
    assert (session.cache_hit_rate, session.template_usage_rate) == (None, None)


def test_reductions_are_against_the_seeds_history() -> None:
    """8,000 tokens and 40 s a request: 1,950 and 15.2 s are the seed's own example."""
    session = aggregate([measured(2000, 14.4), measured(1900, 16.0)], NOTHING)
    assert session.token_reduction_pct == pytest.approx(0.75625)
    assert session.time_reduction_pct == pytest.approx(0.62)
    assert aggregate([measured(16000, 60.0)], NOTHING).token_reduction_pct == -1.0


def test_the_summary_has_the_seeds_five_lines() -> None:
    """Time and tokens are those of one request."""
    shares = {
        "cache_hit_rate": (1, 3),
        "template_usage_rate": (2, 3),
        "confident_validation_rate": (1, 2),
    }
    session = aggregate([measured(2000, 14.4), measured(1900, 16.0)], shares)
    assert session.summary().splitlines() == [
        "Time: 15.2s (↓62.0% vs baseline)",
        "Tokens: 1950 (↓75.6% vs baseline)",
        "Cache hit rate: 33%",
        "Template usage: 67%",
        "Confident validation: 50%",
    ]


def test_the_summary_of_the_plain_pipeline_claims_nothing() -> None:
    """More than the history is an arrow upwards; rates without a flag are not numbers."""
    assert aggregate([measured(9000, 50.0)], NOTHING).summary().splitlines() == [
        "Time: 50.0s (↑25.0% vs baseline)",
        "Tokens: 9000 (↑12.5% vs baseline)",
        "Cache hit rate: n/a",
        "Template usage: n/a",
        "Confident validation: n/a",
    ]


def warned(
    flags: Flags,
    *,
    tokens: int = 1000,
    seconds: float = 10.0,
    shares: Mapping[str, tuple[int, int]] = NOTHING,
) -> list[tuple[str, float]]:
    """The warnings of a session of one request."""
    return list(warnings(aggregate([measured(tokens, seconds)], {**NOTHING, **shares}), flags))


@pytest.mark.parametrize(
    ("shares", "told"),
    [({"cache_hit_rate": (19, 100)}, [("cache hit rate below 20 %", 0.19)]),
     ({"cache_hit_rate": (20, 100)}, []),
     ({"template_usage_rate": (69, 100)}, [("template fallbacks above 30 %", 0.31)]),
     ({"template_usage_rate": (70, 100)}, []),
     ({"confident_validation_rate": (49, 100)}, [("confident validation below 50 %", 0.49)]),
     ({"confident_validation_rate": (50, 100)}, [])],
)  # fmt: skip
def test_rates_below_the_threshold_warn(
    shares: dict[str, tuple[int, int]], told: list[tuple[str, float]]
) -> None:
    """20 % hits, 30 % fall-backs, 50 % sure: of exactly that much nobody is warned."""
    assert warned(Flags.all(), shares=shares) == told


@pytest.mark.parametrize(
    ("tokens", "seconds", "told"),
    [(3200, 20.0, []),
     (3280, 20.0, [("token reduction below 60 % of 8,000 a request", 0.59)]),
     (3200, 20.4, [("time reduction below 50 % of 40 s a request", 0.49)])],
)  # fmt: skip
def test_small_reductions_warn(tokens: int, seconds: float, told: list[tuple[str, float]]) -> None:
    """60 % of the tokens, 50 % of the time."""
    found = warned(Flags.all(), tokens=tokens, seconds=seconds)
    assert [(text, round(value, 9)) for text, value in found] == told


def test_the_plain_pipeline_warns_of_nothing() -> None:
    """Nothing was promised where nothing is on."""
    assert warned(Flags.none(), tokens=9000, seconds=60.0) == []
