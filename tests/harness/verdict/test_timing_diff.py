"""Other pauses, other calls at the same time, other details of decisions."""

from collections.abc import Sequence

import pytest

from flagbench.measurement.trace_rows import Trace, TracedRecording, TraceStep
from flagbench.verdict.timing_diff import detail_changes, timing_changes


def call(pause: float = 0.0, beside: int = 0, detail: str = "", **more: object) -> TraceStep:
    """A call of the backend."""
    step = TraceStep(1, 1, "backend", "generate", "ab", 1, 1, pause, beside, detail)
    return step._replace(**more)


def changes(was: Sequence[TraceStep], now: Sequence[TraceStep]) -> list[str]:
    """The changes between two traces with these calls."""
    return [one.text for one in timing_changes(Trace(tuple(was)), Trace(tuple(now)))]


ONE = "1 call of backend (generate)"


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (call(2.0), call(2.0), []),
        (call(2.0), call(2.004), []),
        (call(2.0), call(4.0), [f"another pause before {ONE}: 2 → 4 s"]),
        (call(beside=3), call(), [f"{ONE} at the same time as 3 → 0 others"]),
        (call(), call(1.0, 1),
         [f"another pause before {ONE}: 0 → 1 s", f"{ONE} at the same time as 0 → 1 others"]),
        (call(), call(detail="cancelled after 1 s"), [f"{ONE}: ended → cancelled after 1 s"]),
        (call(2.0), call(4.0, digest="cd"), []),
    ],
)  # fmt: skip
def test_changes_of_a_call(was: TraceStep, now: TraceStep, told: list[str]) -> None:
    """Of the same call: another one is not compared."""
    assert changes([was], [now]) == told


def test_calls_that_changed_alike_are_one_change() -> None:
    """Whoever made them; the greatest change comes first."""
    was = [call(2.0, agent=agent) for agent in ("backend", "tests")] + [call(1.0, request=2)]
    now = [call(4.0, agent=agent) for agent in ("backend", "tests")] + [call(2.0, request=2)]
    assert changes(was, now) == [
        "another pause before 2 calls of backend, tests (generate): 2 → 4 s",
        "another pause before 1 call of backend (generate): 1 → 2 s",
    ]


def test_calls_that_changed_by_many_amounts_are_told_by_agent() -> None:
    """With means."""
    was = [call(float(number), request=number) for number in range(5)]
    now = [call(float(number) * 3, request=number) for number in range(5)]
    assert changes(was, now) == [
        "another pause before 4 calls of backend (generate): 2.5 → 7.5 s, on average"
    ]


def test_equal_calls_are_compared_one_by_one() -> None:
    """The same request three times, of which the second waits longer."""
    assert changes([call(), call(1.0), call(2.0)], [call(), call(1.5), call(2.0)]) == [
        f"another pause before {ONE}: 1 → 1.5 s"
    ]


def test_the_time_after_the_last_call() -> None:
    """Of whole trials."""
    was, now = (
        Trace(recordings=tuple(TracedRecording(n, "ab", s) for n, s in enumerate(pauses, 1)))
        for pauses in ([0.0, 1.0, 2.0], [0.0, 4.0, 5.0])
    )
    (change,) = timing_changes(was, now)
    assert change.text == "another time from the last call to the end: 1 → 4 s"
    assert change.cases == ((2, 0), (3, 0))


def test_details_of_decisions() -> None:
    """Only the fields that differ, in one line for all agents."""

    def retries(delay: int, *agents: str) -> Trace:
        detail = f"attempt 1, delay_seconds {delay}"
        return Trace(tuple(TraceStep(1, 1, agent, "retry", detail=detail) for agent in agents))

    (change,) = detail_changes(retries(2, "backend", ""), retries(4, "backend", ""))
    assert change.text == "backend, session: retry with delay_seconds 2 → delay_seconds 4"
    assert detail_changes(retries(2, "backend"), retries(4, "tests")) == []
