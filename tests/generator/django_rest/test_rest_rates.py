"""The rates of a session, from its events."""

from flagbench_generators.django_rest.rates import rates
from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Event


def event(name: str, kind: str = "models", request: str = "r1", **fields: object) -> Event:
    """Something that happened to a file."""
    return Event(name, request, {"kind": kind, **fields})


def test_the_rates_of_a_session() -> None:
    """Four files: approved by score, recovered and approved, failed, and never right."""
    found = rates(
        [
            event(events.QUALITY_SCORED, score=0.9),
            event(events.AUTO_APPROVED),
            event(events.ARTIFACT_APPROVED),
            Event(events.RETRY, "r1", {"agent": "views"}),
            event(events.QUALITY_SCORED, "views", score=0.5),
            event(events.ARTIFACT_REJECTED, "views"),
            event(events.ARTIFACT_APPROVED, "views"),
            event(events.ARTIFACT_FAILED, "auth"),
            event(events.ARTIFACT_REJECTED, "router"),
            event(events.CACHE_HIT),
            event(events.CACHE_MISS),
            event(events.TEMPLATE_SELECTED),
            event(events.TEMPLATE_SELECTED, "views"),
            event(events.TEMPLATE_FALLBACK, "views"),
        ]
    )
    assert found == {
        "auto_approval_rate": (1, 2),
        "cache_hit_rate": (1, 2),
        "template_usage_rate": (1, 2),
        "recovery_rate": (1, 3),
        "error_rate": (2, 4),
        "quality_score_rate": (14_000, 20_000),
    }


def test_the_same_file_of_another_request_is_another_file() -> None:
    """Recovered in one, failed in the other."""
    found = rates(
        [
            event(events.ARTIFACT_REJECTED),
            event(events.ARTIFACT_APPROVED),
            event(events.ARTIFACT_REJECTED, request="r2"),
        ]
    )
    assert found["recovery_rate"] == (1, 2)


def test_a_session_without_events_has_no_rates() -> None:
    """Nothing of nothing."""
    assert {whole for _, whole in rates([]).values()} == {0}
