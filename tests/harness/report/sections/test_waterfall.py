"""Savings by flag: the steps from none to all, and the table with every metric."""

from dataclasses import replace

import pytest
from made_cells import cell
from whole_run import run

from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, attribute
from flagbench.report.sections import waterfall


@pytest.fixture
def found() -> Attribution:
    """The effects of the made-up run's two flags."""
    return attribute(arrange([each for one in run().series for each in one.cells]))


def test_the_steps_go_from_none_to_all(found: Attribution) -> None:
    """By hand: templates (1000 - 400 + 900 - 350) / 2 = 575, cache (100 + 50) / 2 = 75."""
    tokens = next(one for one in found.metrics if one.metric == "tokens")
    steps = [
        (one.flags[0], round(one.value), round(a), round(b))
        for one, a, b in waterfall.steps(tokens)
    ]
    assert steps == [("templates", -575, 1005, 430), ("cache", -75, 430, 355)]


def test_what_costs_comes_first_so_that_nothing_falls_below_all(found: Attribution) -> None:
    """By hand: cache costs (2 + 1) / 2 seconds, templates save (5 + 6) / 2."""
    seconds = next(one for one in found.metrics if one.metric == "seconds")
    steps = [(one.flags[0], a, b) for one, a, b in waterfall.steps(seconds)]
    assert steps == [("cache", 10.0, 11.5), ("templates", 11.5, 6.0)]


def test_one_picture_for_a_scenario_with_every_metric_behind_it(found: Attribution) -> None:
    """Tokens and seconds are drawn; dollars and acceptance stand in the table."""
    part = waterfall.part([found])
    assert part is not None
    (picture,) = part.pictures
    assert "templates: -575 (-57%)" in picture.figure.svg
    assert "cache: +1.5 (+15%)" in picture.figure.svg
    assert picture.description == (
        "tokens per request: none 1,005, templates -575 (-57%), cache -75 (-7%), all 355; "
        "seconds per request: none 10.0, cache +1.5 (+15%), templates -5.5 (-55%), all 6.0"
    )
    rows = {row[:2]: row for row in picture.behind.rows}
    assert rows["tokens per request", "templates"][2:] == ("-575", "n/a", "88.5%")
    assert rows["seconds per request", "all - none"][2] == "-4.0"
    assert rows["share of files accepted", "none"][2] == "75.0%"
    assert rows["share of files accepted", "cache"][2] == "+12.5 pp"
    assert {row[0] for row in picture.behind.rows if row[0].startswith("US$")} == {
        "US$ per 1,000 requests"
    }


def test_a_metric_whose_all_is_unknown_is_left_out(found: Attribution) -> None:
    """Of the picture, its description and the table: it would be drawn as 0."""
    metrics = [
        replace(metric, all=None, whole=None) if metric.metric in ("seconds", "usd") else metric
        for metric in found.metrics
    ]
    part = waterfall.part([replace(found, metrics=metrics)])
    assert part is not None
    (picture,) = part.pictures
    assert picture.description == (
        "tokens per request: none 1,005, templates -575 (-57%), cache -75 (-7%), all 355"
    )
    assert "seconds" not in picture.figure.svg
    labels = {row[0] for row in picture.behind.rows}
    assert labels == {"tokens per request", "share of files accepted"}


def test_one_trial_has_no_limits() -> None:
    """And says so."""
    one = attribute(arrange([cell("none"), cell("cache"), cell("templates"), cell("all")]))
    part = waterfall.part([one])
    assert part is not None
    assert part.pictures[0].behind.rows[1][3] == "n/a"
    assert "no change" in part.pictures[0].description


def test_without_a_full_design_there_is_no_section() -> None:
    """It would be a guess."""
    assert waterfall.part([]) is None
