"""Which series nothing else beats."""

from made_up_run import series

from flagbench.report.html.frontier import Point, frontier, points
from flagbench.report.pictured_series import cost_metric


def test_points_stand_by_cost_and_equal_ones_are_one() -> None:
    """Of two that cost the same, the better one comes first."""
    members = [
        series("dear", {"usd": 2.0, "q": 0.5}),
        series("bad", {"usd": 1.0, "q": 0.1}),
        series("good", {"usd": 1.0, "q": 0.9}),
        series("as-dear", {"usd": 2.0, "q": 0.5}),
    ]
    assert points(members, "usd", "q") == [
        Point(("good",), 1.0, 0.9),
        Point(("bad",), 1.0, 0.1),
        Point(("dear", "as-dear"), 2.0, 0.5),
    ]


def test_what_was_not_measured_is_no_point() -> None:
    """It is not drawn at nothing."""
    members = [series("a", {"usd": 1.0}), series("b", {"q": 1.0}), series("c", {})]
    assert points(members, "usd", "q") == []


def test_the_frontier_only_rises() -> None:
    """What costs more must be better than everything cheaper; as good is not better."""
    cheap, worse, equal, best = (
        Point(("cheap",), 1, 0.5),
        Point(("worse",), 2, 0.4),
        Point(("equal",), 3, 0.5),
        Point(("best",), 4, 1.0),
    )
    assert frontier([cheap, worse, equal, best]) == [cheap, best]
    assert frontier([]) == []


def test_dollars_only_where_every_measured_series_has_them() -> None:
    """Two units on one axis would lie; a series that could not run has no say."""
    priced, unpriced = series("a", {"usd": 1.0, "tokens": 1}), series("b", {"tokens": 1})
    assert cost_metric([priced, series("c", {})]) == "usd"
    assert cost_metric([priced, unpriced]) == "tokens"
    assert cost_metric([]) == "tokens"
