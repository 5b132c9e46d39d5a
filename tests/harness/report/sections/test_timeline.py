"""The timeline: which series, lanes, words, waits and failures, and a table with every bar."""

from dataclasses import replace

from whole_run import run, series, span, spans

from flagbench.report.pictured_series import choose_series
from flagbench.report.sections import timeline
from flagbench.report.sections.timeline_drawing import Drawing, Panel, ticks
from flagbench.report.series_report import RunReport


def test_none_stands_above_all_on_one_axis() -> None:
    """Both in words, both in the table."""
    part = timeline.part(run())
    assert part is not None
    (picture,) = part.pictures
    assert picture.is_wide
    assert picture.description == (
        "none: 10.0 s, calls: 5, in parallel: 3, waits: 1 (1.0 s); "
        "all: 6.0 s, calls: 5, in parallel: 3, waits: 1 (1.0 s)"
    )
    assert picture.figure.svg.index(">none: 10.0 s<") < picture.figure.svg.index(">all: 6.0 s<")
    assert "request 2, backend: generate, 5.0 to 10.0 s, answered, 100 tokens" in picture.figure.svg
    assert "request 1, backend: wait, 0.1 to 1.1 s, RateLimited" in picture.figure.svg
    assert "request 1, backend: generate, 0.0 to 0.1 s, HTTP 429" in picture.figure.svg
    assert "request 3, subject: call, 5.0 to 8.0 s, cancelled, 100 tokens" in picture.figure.svg
    assert len(picture.behind.rows) == 2 * len(spans(1.0))
    assert picture.behind.rows[1] == (
        "none", "1", "backend", "wait: retry", "0.10", "1.10", "RateLimited", "0",
    )  # fmt: skip


def test_waits_are_hatched_and_failures_have_their_colour() -> None:
    """As the legend says; the ground of a hatching follows the page."""
    part = timeline.part(run())
    assert part is not None
    svg = part.pictures[0].figure.svg
    assert "<pattern" in svg
    assert 'fill="#000005"' not in svg
    assert "fill: url(#timeline-1-" in svg
    assert "fill: var(--bad)" in svg
    for word in ("generate", "patch", "wait", "failed", "cancelled"):
        assert f">{word}<" in svg


def test_what_was_not_run_gives_way_to_the_dearest_and_the_cheapest() -> None:
    """And one series stands alone."""
    members = choose_series(run(["cache", "templates"]).series)
    assert [member.combination for member in members] == ["cache", "templates"]
    assert [one.combination for one in choose_series(run(["cache", "all"]).series)] == [
        "cache", "all",
    ]  # fmt: skip
    assert [one.combination for one in choose_series(run(["none"]).series)] == ["none"]
    members = run(["none", "cache", "all"]).series
    cheap = [replace(one, metrics=dict.fromkeys(one.metrics, 0.0))
             if one.combination == "cache" else one for one in members]  # fmt: skip
    assert [one.combination for one in choose_series(cheap)] == ["none", "all"]


def test_the_control_is_never_alone_where_something_else_was_run() -> None:
    """Also where it is the cheapest."""
    members = run(["none", "cache"]).series
    dear = [
        replace(one, metrics={name: 9.9 * value for name, value in one.metrics.items()})
        if one.combination == "cache"
        else one
        for one in members
    ]
    assert [one.combination for one in choose_series(dear)] == ["none", "cache"]
    dear = [replace(one, combination="all") for one in dear if one.combination == "cache"]
    assert [one.combination for one in choose_series([*dear, *run(["cache"]).series])] == [
        "all", "cache",
    ]  # fmt: skip


def test_what_did_nothing_has_no_timeline() -> None:
    """A series that could not run, or that asked nothing."""
    lost = replace(series("none"), metrics={}, timeline=(), cells=())
    assert timeline.part(RunReport.of([lost])) is None
    assert timeline.part(RunReport.of([])) is None


def test_a_series_alone_is_not_called_two() -> None:
    """The paragraph counts what is drawn."""
    for names, said in ((("cache",), "one series"), (("none", "cache"), "two series")):
        found = timeline.part(RunReport.of(series(name) for name in names))
        assert found is not None
        assert found.paragraphs[0].startswith(f"One trial of {said} on one virtual clock")


def test_bars_of_a_lane_never_overlap() -> None:
    """A lane is free again when its bar has ended."""
    made = [span("a", 0, 4), span("a", 1, 2), span("a", 2, 3), span("a", 3.5, 5), span("a", 4, 6)]
    lanes = [lane for lane, _ in Panel("none", tuple(made)).rows()["a"]]
    assert lanes == [0, 1, 1, 1, 0]


def test_requests_are_numbered_where_they_do_not_overlap() -> None:
    """In a parallel session a number would stand for several."""
    apart = Panel("none", (span("a", 0, 4), span("b", 4, 5, request=2)))
    assert apart.requests() == [(1, 0, 4), (2, 4, 5)]
    assert Panel("none", (span("a", 0, 4), span("b", 3, 5, request=2))).requests() == []


def test_ticks_are_round_and_few() -> None:
    """From a thousandth of a second to a day."""
    assert list(ticks(414.6)) == [0, 100, 200, 300, 400]
    assert list(ticks(2.03)) == [0, 0.5, 1, 1.5, 2]
    for seconds in (0.001, 0.73, 10.0, 99.9, 86_400.0):
        assert 3 <= len(list(ticks(seconds))) <= 9


def test_a_long_session_stays_readable() -> None:
    """A hundred calls of ten requests in parallel: rows grow, and every lane is seen."""
    made = tuple(span("a", 0.0, 5.0, request=number) for number in range(1, 101))
    drawing = Drawing([Panel("all", made)])
    assert drawing.height_px >= 100 * 4
    one = Drawing([Panel("all", made[:1])])
    assert one.height_px < 130


def test_more_phases_than_colours_are_drawn_all_the_same() -> None:
    """They share one."""
    made = [span("a", place, place + 1.0, phase=f"p{place}") for place in range(9)]
    part = timeline.part(RunReport.of([series("none", timeline=made)]))
    assert part is not None
    assert ">p8<" in part.pictures[0].figure.svg


def test_a_session_of_no_length_divides_nothing() -> None:
    """Every answer came from a cache."""
    part = timeline.part(RunReport.of([series("none", timeline=[span("a", 0.0, 0.0)])]))
    assert part is not None
    assert part.pictures[0].description == "none: 0.0 s, calls: 1, in parallel: 1"
