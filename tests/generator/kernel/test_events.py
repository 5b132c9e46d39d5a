"""Events: frozen, stamped with one request's id."""

from dataclasses import FrozenInstanceError

import pytest
from scripted import Heard

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Event, Trace, request_ids


def test_a_trace_stamps_everything_with_its_request() -> None:
    """One id through all that happens for a request."""
    heard = Heard()
    trace = Trace("abc-01", heard)
    trace(events.CACHE_MISS, key="add student")
    assert list(heard) == [Event("cache_miss", "abc-01", {"key": "add student"})]


def test_an_event_does_not_change() -> None:
    """What happened has happened."""
    with pytest.raises(FrozenInstanceError):
        Event("retry", "abc-01").name = "other"  # type: ignore[misc]


def test_request_ids_are_the_same_for_the_same_session() -> None:
    """Nothing random and no clock: a replay has the ids of its recording."""
    assert request_ids(["a", "b"]) == request_ids(["a", "b"])
    assert request_ids(["a", "b"]) != request_ids(["a", "c"])


def test_request_ids_are_unique_in_a_session() -> None:
    """The same words twice are two requests."""
    assert len(set(request_ids(["a"] * 120))) == 120


def test_sessions_with_other_requests_have_other_ids() -> None:
    """A line break inside a request does not make it two."""
    assert request_ids(["a\nb"])[0] != request_ids(["a", "b"])[0]


def test_the_names_are_the_seeds() -> None:
    """What the seed's documentation calls the events of its optimisations."""
    assert names() >= {
        "cache_hit", "cache_miss", "cache_write", "cache_cleanup", "template_selected",
        "template_fallback", "validation_confident_approval", "validation_confident_rejection",
        "validation_uncertain_llm_required", "optimization_summary",
    }  # fmt: skip


def test_the_other_names_are_as_listeners_know_them() -> None:
    """A renamed event is a metric that silently stays 0."""
    assert names() >= {
        "cache_corrupt", "cache_unavailable", "recognition_failed", "parallel_fallback",
        "patch_fallback", "artifact_approved", "artifact_rejected", "artifact_failed", "llm_call",
        "retry", "request_done", "performance_warning", "quality_scored", "auto_approved",
        "person_reviews", "simplified_template", "batch_sent", "component_missing",
        "context_compressed", "context_dropped", "component_dropped", "format_refused",
        "understood", "over_budget",
    }  # fmt: skip
    assert len(names()) == 34


def names() -> set[str]:
    """The names of all events."""
    return {value for name, value in vars(events).items() if name.isupper()}
