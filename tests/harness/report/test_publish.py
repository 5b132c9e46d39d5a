"""The end of a run: what is written, and what is accepted."""

import copy
import json
from dataclasses import replace
from io import StringIO

import pytest
from house import House
from rich.console import Console

from flagbench.cassette.cassette import canonical, sha256
from flagbench.report import history, publish, series_report, terminal
from flagbench.report.series_report import SeriesReport
from flagbench.report.shared_values import SharedValues
from flagbench.scenario.schema import Threshold


@pytest.fixture
def measured(house: House) -> list[SeriesReport]:
    """The reports of the tiny scenario's series."""
    scenario, runner = house.scenario, house.runner(accept_baselines=True)
    return [
        series_report.report_of(
            scenario,
            one,
            place=place,
            is_own_design=True,
            series=runner.series(scenario, one),
            reason="",
            declared=[each.id for each in scenario.combinations],
        )
        for place, one in enumerate(scenario.combinations)
    ]


def test_equal_values_of_reports_from_processes_are_kept_once(
    measured: list[SeriesReport],
) -> None:
    """Thousands of series would else be hundreds of megabytes; nothing of them changes."""
    values = SharedValues(apart=0)
    reports = [values.shared(copy.deepcopy(one)) for one in (*measured, *measured)]
    assert reports == [*measured, *measured]
    cells = [cell for one in reports for cell in one.cells]
    for name in ("cassette", "tokens_source", "failed_calls", "model"):
        distinct = {repr(getattr(cell, name)) for cell in cells}
        assert len({id(getattr(cell, name)) for cell in cells}) == len(distinct)
    assert SharedValues().shared(measured[0]) is measured[0]  # few are not worth the time


def test_the_digest_of_a_run_is_that_of_its_rows(measured: list[SeriesReport]) -> None:
    """Though they are never all in memory."""
    rows = [[cell.row() for cell in one.cells] for one in measured]
    assert series_report.digest_of(measured) == sha256(canonical(rows))
    assert series_report.digest_of([]) == sha256("[]")


def test_a_run_leaves_its_files(house: House, measured: list[SeriesReport]) -> None:
    """And accepts nothing unless it is asked to."""
    finished = publish.finish(measured, house.options(), root=house.path, interrupted=False)
    assert sorted(one.name for one in finished.folder.iterdir()) == [
        "cells.jsonl", "cells.parquet", "environment.json", "overhead.json", "report.html",
        "report.md", "series.jsonl", "summary.json",
    ]  # fmt: skip
    assert finished.accepted == ()
    assert not house.baseline.exists()


def test_a_run_that_accepts_writes_the_baseline(
    house: House, measured: list[SeriesReport], tiny_baseline: str
) -> None:
    """In whatever order its series ended."""
    options = house.options(accept_baselines=True)
    finished = publish.finish(reversed(measured), options, root=house.path, interrupted=False)
    assert finished.accepted == (f"{house.baseline}: 4 series accepted for the first time",)
    assert house.baseline.read_text() == tiny_baseline


def test_an_interrupted_run_accepts_nothing(house: House, measured: list[SeriesReport]) -> None:
    """But it says what it measured, and that this is not everything."""
    options = house.options(accept_baselines=True)
    finished = publish.finish(measured[:1], options, root=house.path, interrupted=True)
    assert finished.accepted == ()
    assert not house.baseline.exists()
    assert (
        (finished.folder / "report.md")
        .read_text()
        .startswith("# flagbench: 1 KEPT (interrupted: not everything was run)\n")
    )


def test_a_series_that_could_not_run_keeps_its_scenario_unaccepted(
    house: House, measured: list[SeriesReport]
) -> None:
    """Its name is told."""
    lost = replace(measured[1], outcome="COULD NOT RUN", reason="no cassette", metrics={}, cells=[])
    options = house.options(accept_baselines=True)
    finished = publish.finish([measured[0], lost], options, root=house.path, interrupted=False)
    assert finished.accepted == (f"{house.baseline}: not accepted, short could not run",)
    assert not house.baseline.exists()


def test_a_dashboard_tells_the_trend_of_what_was_stored(
    house: House, measured: list[SeriesReport]
) -> None:
    """Of earlier whole runs, and of this one."""
    wanted = {"tokens": Threshold(value=1.0, better="lower", advice="ask less")}
    board = [
        replace(one, thresholds=wanted if one.combination == "short" else {}) for one in measured
    ]
    publish.finish(board, house.options(), root=house.path, interrupted=False)
    path = house.options().reports / "history" / f"{house.scenario.name}.jsonl"
    (line,) = path.read_text().splitlines()
    earlier = json.loads(line)
    del earlier["checksum"]
    earlier["digest"], earlier["series"]["short"]["tokens"] = "other", 999.0
    path.write_text(history.line_of(earlier) + "\n")
    finished = publish.finish(board, house.options(), root=house.path, interrupted=False)
    assert len(finished.stored[house.scenario.name]) == 2
    console = Console(record=True, width=200, file=StringIO())
    terminal.show(finished, console, whole=False)
    shown = console.export_text()
    assert "Performance dashboard" in shown
    assert "| stored runs: 333.0, " in shown
