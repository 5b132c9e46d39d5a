"""Drift: accepted steps add up, since the first value that is kept or a named release."""

import pytest

from flagbench.measurement.summary import Summary
from flagbench.verdict import baseline, drift
from flagbench.verdict.baseline import Baseline, Expected


def accepted(old: Baseline | None, tokens: float, release: str = "") -> Baseline:
    """A baseline after the acceptance of a value."""
    measured = [Summary("tiny", "none", 1, 1, {"tokens": tokens, "cache_hit_rate": 0.5})]
    return baseline.accept(old, measured, provider="p", declared=["none"], release=release)


def after(steps: int, share: float) -> Baseline:
    """A baseline of 100 tokens after steps of a share each."""
    kept = accepted(None, 100.0)
    for step in range(1, steps + 1):
        kept = accepted(kept, 100.0 * (1 + share) ** step)
    return kept


def told(kept: Baseline) -> list[str]:
    """What is said of the value that was accepted last."""
    series = kept.series["none"]
    return drift.lines(series, {name: each.value for name, each in series.items()}, kept.release)


def test_twenty_steps_within_the_tolerance_are_told() -> None:
    """Each step of 0.9 % is within the tolerance of 1 %; together they are 19.6 %."""
    assert told(after(20, 0.009)) == [
        "tokens +19.6% since the first accepted value that is kept (100 → 119.625), "
        "in 20 accepted steps"
    ]


@pytest.mark.parametrize(
    ("steps", "share"), [(0, 0.0), (1, 0.5), (2, 0.004)], ids=["none", "one large", "two small"]
)
def test_what_is_no_drift_is_not_told(steps: int, share: float) -> None:
    """A step that was accepted whole, or steps that are within the tolerance together."""
    assert told(after(steps, share)) == []


def test_a_release_begins_again() -> None:
    """From a named release on its values are the first, and the name is kept."""
    kept = accepted(after(20, 0.009), 120.0, release="1.0")
    assert told(kept) == []
    for tokens in (121.0, 122.0):
        kept = accepted(kept, tokens)
    assert told(kept) == ["tokens +1.7% since release 1.0 (120 → 122), in 2 accepted steps"]


def test_the_way_back_leaves_nothing_behind() -> None:
    """A value that is the first one again is stored as before."""
    assert accepted(accepted(accepted(None, 100.0), 101.0), 100.0) == accepted(None, 100.0)


def test_an_equal_value_is_no_step() -> None:
    """Accepting what is accepted changes nothing in the file."""
    assert accepted(accepted(None, 100.0), 100.0).model_dump(exclude_defaults=True) == accepted(
        None, 100.0
    ).model_dump(exclude_defaults=True)
    assert "first" not in str(accepted(None, 100.0).model_dump(exclude_defaults=True))


def test_a_rate_drifts_in_points() -> None:
    """Drift of a rate is given in percentage points."""
    moved = Expected(value=0.5, absolute=0.005, first=0.9, steps=3)
    assert drift.lines({"cache_hit_rate": moved}, {"cache_hit_rate": 0.5}, "") == [
        "cache_hit_rate -40.0 pp since the first accepted value that is kept (0.9 → 0.5), "
        "in 3 accepted steps"
    ]
