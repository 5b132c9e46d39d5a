"""The rows, words and warnings that every readable report shows."""

from dataclasses import replace

import made_cells

from flagbench.measurement.cell_result import CellResult
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import remarks, table, whole_run

METRICS = {
    "tokens": 1234.4, "seconds": 12.34, "usd": 0.00123, "approval_rate": 0.875,
    "token_reduction": 0.5, "time_reduction": -0.25, "cache_hit_rate": 0.333,
}  # fmt: skip


def series(combination: str = "all", **changes: object) -> SeriesReport:
    """A series of one trial."""
    return replace(
        SeriesReport(
            scenario="s", title="t", path="scenarios/s.yaml", provider="simulated", model="m",
            requests=2, trials=1, combination=combination, place=0, declared=[combination],
            is_own_design=True, outcome="KEPT", metrics=METRICS,
        ),
        **changes,
    )  # fmt: skip


def test_a_row() -> None:
    """Against the control, and against the accepted tokens."""
    assert table.cells(series(accepted={"tokens": 1000.0})) == (
        "all", "1,234", "-50.0%", "12.3", "+25.0%", "0.0012", "88%", "n/a", "+23.4%", "KEPT",
    )  # fmt: skip
    assert table.cells(series("none"))[2:5:2] == ("control", "control")
    assert table.cells(series(metrics={})) == ("all", *["n/a"] * 7, "none", "KEPT")


def test_no_change_has_no_minus() -> None:
    """A reduction of nothing is +0.0 %."""
    row = table.cells(series(metrics={"token_reduction": 0.0, "time_reduction": 0.0}))
    assert row[2:5:2] == ("+0.0%", "+0.0%")


def test_a_change_that_rounds_to_nothing_has_no_minus() -> None:
    """Fewer by a little is +0.0 %, also against the baseline."""
    metrics = {"tokens": 9_999.0, "token_reduction": 0.0001}
    row = table.cells(series(metrics=metrics, accepted={"tokens": 10_000.0}))
    assert (row[2], row[8]) == ("+0.0%", "+0.0%")


def test_a_baseline_of_nothing_divides_nothing() -> None:
    """A subject that asked nothing was accepted once."""
    assert table.cells(series(accepted={"tokens": 0.0}))[8] == "+1234"


def test_the_headline_is_per_request() -> None:
    """Under the names that people know; a rate that is not measured has no line."""
    assert table.headline(series()) == [
        "Time: 6.2s (↑25.0% vs control)",
        "Tokens: 617 (↓50.0% vs control)",
        "Cache hit rate: 33%",
    ]


def test_a_short_design_is_shown_whole() -> None:
    """Up to sixteen series."""
    members = [series(f"a{n}+b") for n in range(16)]
    assert table.rows(members, whole=False) == (members, 0)


def test_of_a_long_design_nothing_that_is_not_kept_is_left_out() -> None:
    """Beside the series of one flag, of all, and of all but one."""
    ids = ["none", "a", "all", "all-b", "a+b", "a+c", *(f"x{n}+y" for n in range(12))]
    members = [series(one, outcome="BROKEN" if one == "a+c" else "KEPT") for one in ids]
    shown, left_out = table.rows(members, whole=False)
    assert [one.combination for one in shown] == ["none", "a", "all", "all-b", "a+c"]
    assert left_out == 13
    assert table.rows(members, whole=True) == (members, 0)


def test_series_with_the_same_reasons_stand_together() -> None:
    """But not those with others."""
    report = RunReport.of(
        [
            series("a", outcome="COULD NOT RUN", reason="no cassette", place=0),
            series("b", outcome="BROKEN", broken=["x is 1"], place=1),
            series("c", outcome="COULD NOT RUN", reason="no cassette", place=2),
            series("d", place=3),
        ]
    )
    assert whole_run.group_not_kept(report)[:2] == [
        whole_run.NotKept("COULD NOT RUN", "scenarios/s.yaml::a and 1 more", ("no cassette",), ()),
        whole_run.NotKept("BROKEN", "scenarios/s.yaml::b", ("x is 1",), ()),
    ]


def cell(*warnings: str, prompt: int = 0, completion: int = 0) -> CellResult:
    """What warnings are made from."""
    difference = {"prompt_tokens": prompt, "completion_tokens": completion}
    return made_cells.cell(warnings=list(warnings), usage_difference=difference)


def test_warnings_are_counted_by_series() -> None:
    """Once a series, however many of its trials said it."""
    members = [series("a", cells=[cell("low"), cell("low", "slow")]), series("b", cells=[cell()])]
    assert remarks.warnings(members) == ["low (1 of 2 series)", "slow (1 of 2 series)"]


def test_a_scenario_without_a_call_is_told_until_it_is_accepted() -> None:
    """Its zeros are no savings; one that is to call nothing says so in its baseline."""
    silent = replace(cell(), calls=0, service_calls=None)
    (told,) = remarks.warnings([series("a", cells=[silent]), series("b", cells=[silent])])
    assert told.startswith("no trial of any series sent a request; ")
    for others in (
        series("b", cells=[cell()]), series("b", cells=[replace(silent, service_calls=1)]),
        series("b", cells=[silent], accepted={"calls": 0.0}),
    ):  # fmt: skip
        assert remarks.warnings([series("a", cells=[silent]), others]) == []
    assert remarks.warnings([series("a", cells=[])]) == []


def test_a_difference_of_usage_is_told_also_where_nothing_was_counted() -> None:
    """No division by what is not there."""
    told = remarks.warnings([series("a", cells=[cell(prompt=1500, completion=-3)])])
    assert [line.split(" tokens")[0] for line in told] == [
        "the provider reports +1,500 prompt", "the provider reports -3 completion",
    ]  # fmt: skip


def test_a_report_has_one_order() -> None:
    """By scenario and design, whatever the order of the run."""
    made = [series("b", place=1), series("a", place=0), series("z", scenario="r", path="r")]
    assert [one.combination for one in RunReport.of(made).series] == ["z", "a", "b"]
    assert RunReport.of(made).digest == RunReport.of(reversed(made)).digest
