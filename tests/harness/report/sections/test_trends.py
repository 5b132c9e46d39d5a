"""Trends: small multiples of stored runs, or how to get them."""

from dataclasses import replace
from pathlib import Path

from whole_run import TOKENS, run, series, slower

from flagbench.report import history
from flagbench.report.content import Part
from flagbench.report.sections import change_points, trends, trends_drawing
from flagbench.report.series_report import RunReport
from flagbench.run.options import Options


def options(tmp_path: Path) -> Options:
    """Reports in a folder of the test."""
    return Options(cassettes=tmp_path, baselines=tmp_path, reports=tmp_path)


def part(tmp_path: Path, runs: int = 3, **changes: object) -> Part:
    """The section after so many runs, each of which took other seconds."""
    for number in range(runs):
        report = RunReport.of(slower(one, number) for one in run(**changes).series)
        history.remember(report, options(tmp_path))
    return trends.part(run(**changes), options(tmp_path))


def test_every_run_is_a_point_of_each_line_and_two_rows_of_the_table(tmp_path: Path) -> None:
    """With the date in words; the last value stands at the end of its line."""
    (picture,) = part(tmp_path).pictures
    assert (
        picture.figure.svg.count("<title>none, ")
        == picture.figure.svg.count("<title>all, ")
        == 3 * 4
    )
    assert "none: tokens 1,005 to 1,005, seconds 10.0 to 10.0" in picture.description
    assert ">355<" in picture.figure.svg
    assert len(picture.behind.rows) == 6
    assert picture.behind.rows[1][2:] == ("all", "355", "6.0", "100%", "100%", "0.0003")


def test_one_run_is_no_trend(tmp_path: Path) -> None:
    """It says what stores another."""
    found = part(tmp_path, runs=1)
    assert found.pictures == []
    assert found.paragraphs[0].startswith("Fewer than two runs are stored of one.")


def test_runs_without_a_series_that_is_drawn_have_no_chart(tmp_path: Path) -> None:
    """Of combinations that were named, neither `none` nor `all` nor `default`."""
    chosen = ("cache", "templates")
    only = RunReport.of(each for each in run().series if each.combination in chosen)
    for seconds in range(3):
        report = RunReport.of(slower(each, seconds) for each in only.series)
        history.remember(report, options(tmp_path))
    found = trends.part(only, options(tmp_path))
    assert found.pictures == []
    assert not any("One point" in text for text in found.paragraphs)


def test_another_provider_is_another_world(tmp_path: Path) -> None:
    """Its points are none of this line's."""
    part(tmp_path, runs=2)
    found = part(tmp_path, runs=1, provider="openai")
    assert found.pictures == []


def test_equal_ends_are_named_once_and_near_ones_stand_apart(tmp_path: Path) -> None:
    """Both series approve everything."""
    (picture,) = part(tmp_path, runs=2).pictures
    assert picture.figure.svg.count(">100%<") == 2
    labels = [(10.0, "100%"), (10.2, "100%"), (11.0, "98%"), (60.0, "44%")]
    assert trends_drawing._without_overlap(labels) == [(10.0, "100%"), (22.0, "98%"), (60.0, "44%")]


def test_the_delivered_default_has_its_own_line(tmp_path: Path) -> None:
    """Where a scenario runs it."""
    delivered = {**TOKENS, "default": 0}
    for number in range(2):
        made = [series(one, declared=list(delivered)) for one in TOKENS]
        made.append(replace(made[1], combination="default", place=9))
        made[0] = slower(made[0], number)
        history.remember(RunReport.of(made), options(tmp_path))
    (picture,) = trends.part(run(), options(tmp_path)).pictures
    assert "<title>default, " in picture.figure.svg


def test_a_level_has_the_commit_where_it_began(tmp_path: Path) -> None:
    """Five runs of ten seconds, then five of twelve; what is steady has no row."""
    part(tmp_path, runs=1)
    (first,) = history.load(history.path_of(options(tmp_path), "one"))
    none = first.series["none"]
    runs = [
        first.model_copy(
            update={
                "commit": f"c{place}",
                "series": {"none": {**none, "seconds": 12.0 if place >= 5 else 10.0}},
            }
        )
        for place in range(10)
    ]
    grid = change_points.grid({"one": runs}, {"one": True})
    assert grid is not None
    assert [(*row[1:5], row[6]) for row in grid.rows] == [("none", "seconds", "10.0", "12.0", "c5")]
    assert change_points.grid({"one": runs}, {"one": False}) is None


def test_steady_runs_have_no_table_of_changes(tmp_path: Path) -> None:
    """The metrics of these runs are the same."""
    assert part(tmp_path).grids == []
