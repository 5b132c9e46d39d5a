"""What the fields of an event say about a decision."""

from types import SimpleNamespace
from typing import Any

import pytest

from flagbench.measurement.event_details import detail


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"agent": "a", "kind": "tests"}, ""),
        ({"score": 0.123456789, "attempt": 2, "hit": True}, "attempt 2, hit True, score 0.123457"),
        ({"reason": "rejected", "text": "two\nlines", "long": "x" * 81}, "reason rejected"),
        ({"issues": ["one"], "nothing": None, "map": {}}, ""),
        ({"delay_seconds": 16.0, "seconds": 3.2, "total_time": 1.0}, "delay_seconds 16"),
        ({"total_tokens": 12, "token_reduction_pct": 0.5, "cache_hit_rate": 0.5}, ""),
    ],
)  # fmt: skip
def test_the_fields_that_a_subject_chose(fields: dict[str, Any], words: str) -> None:
    """Numbers and short texts; what it has measured moves with every latency."""
    assert detail(SimpleNamespace(name="retry", request_id="r", fields=fields)) == words


def test_a_warning_is_no_decision() -> None:
    """Its value is a measurement."""
    event = SimpleNamespace(name="speed_warning", request_id="r", fields={"value": 3})
    assert detail(event) == ""
