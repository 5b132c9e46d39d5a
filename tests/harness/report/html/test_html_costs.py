"""The rows and filters of a scenario's table."""

from made_up_run import cell, metrics_of, run, series

from flagbench.report.html.costs import COLUMNS, CostCell, costs


def test_a_row_has_a_cell_for_every_column() -> None:
    """All but its name and its verdict, which the page writes itself."""
    row = costs(run().by_scenario()["s"]).rows[3]
    assert row.name == "all"
    assert len(row.cells) == len(COLUMNS) - 2
    assert [one.text for one in row.cells] == [
        "310", "-69.0%", "3.1", "-69.0%", "0.0310", "-69.0%", "4.0", "100.0%", "100.0%", "none",
    ]  # fmt: skip


def test_the_control_is_not_compared_with_itself() -> None:
    """It is named as what the others are compared with."""
    row = costs([series("none")]).rows[0]
    assert [one for one in row.cells if one.text == "control"] == [CostCell("control")] * 3


def test_a_series_without_metrics_has_no_figures() -> None:
    """And no level, so that no filter hides it."""
    row = costs([series("all", {}, outcome="COULD NOT RUN")]).rows[0]
    assert {one.text for one in row.cells} == {"n/a", "none"}
    assert row.levels == []


def test_the_bar_of_a_change() -> None:
    """As long as the share that was saved or added; never longer than its cell."""
    saved, more, doubled = (
        costs([series("a", metrics_of(tokens))]).rows[0].cells[1] for tokens in (250, 1250, 3000)
    )
    assert (saved.text, saved.bar_percent) == ("-75.0%", 75)
    assert (more.text, more.bar_percent) == ("+25.0%", 25)
    assert (doubled.text, doubled.bar_percent) == ("+200.0%", 100)
    assert CostCell("n/a").bar_percent == 0


def test_filters_are_what_the_series_differ_in() -> None:
    """A factor that has one level everywhere is none; levels keep one order."""
    members = [
        series("a", cells=[cell(flags={"cache": "true", "depth": "9", "on": "1"})]),
        series("b", cells=[cell(flags={"cache": "false", "depth": "3", "on": "1"})]),
        series("c", cells=[cell(flags={"cache": "true", "depth": "3", "on": "1"})]),
    ]
    found = costs(members)
    assert found.factors == [("cache", ["false", "true"]), ("depth", ["3", "9"])]
    assert found.outcomes == ["KEPT"]
