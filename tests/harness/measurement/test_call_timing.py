"""Pauses before calls, and calls at the same time."""

import pytest

from flagbench.cassette.cassette import Interaction
from flagbench.measurement.call_timing import pause_at_end, timings
from flagbench.run.cell_run import Call

ANSWER = Interaction("POST", "/v1", b"{}", 200, "OK", {}, b"{}", 1.0)


def calls(*spans: tuple[float, float]) -> list[Call]:
    """Calls from and to these seconds."""
    return [Call("a", "", "r", ANSWER, 0, *span) for span in spans]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0.0, 1.0), (1.0, 2.0)], [(0.0, 0), (0.0, 0)]),
        ([(0.5, 1.0), (3.0, 4.0)], [(0.5, 0), (2.0, 0)]),
        ([(0.0, 2.0), (0.0, 3.0), (0.0, 1.0)], [(0.0, 2), (0.0, 2), (0.0, 2)]),
        ([(3.0, 4.0), (0.0, 2.0), (1.0, 3.0)], [(0.0, 0), (0.0, 1), (1.0, 1)]),
        # As far as a clock of a microsecond can tell, the second begins when the first ends.
        ([(0.0, 1.000001), (1.0, 2.0)], [(0.0, 0), (0.0, 0)]),
        # Calls without latency.
        ([(0.0, 0.0), (2.0, 2.0), (2.0, 2.0)], [(0.0, 0), (2.0, 0), (0.0, 0)]),
    ],
)
def test_timings(spans: list[tuple[float, float]], expected: list[tuple[float, int]]) -> None:
    """In the order of the calls, whatever that is."""
    assert timings(calls(*spans)) == expected


@pytest.mark.parametrize(
    ("spans", "seconds", "expected"), [([], 3.0, 3.0), ([(0.0, 2.0), (0.0, 1.0)], 2.5, 0.5)]
)
def test_the_time_after_the_last_call(
    spans: list[tuple[float, float]], seconds: float, expected: float
) -> None:
    """Of a cell without calls, it is all of its time."""
    assert pause_at_end(calls(*spans), seconds) == expected
