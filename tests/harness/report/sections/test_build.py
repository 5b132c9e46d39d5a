"""The sections of a run together: which parts there are, and in which order."""

from pathlib import Path

import pytest
from house import House
from scripted_provider import scripted_provider
from whole_run import run

from flagbench.report.sections.build import answers
from flagbench.report.series_report import RunReport, report_of
from flagbench.run.options import Options


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Reports in a folder of the test, beside no scenarios."""
    monkeypatch.chdir(tmp_path)
    return Options(cassettes=tmp_path, baselines=tmp_path, reports=tmp_path)


def test_a_full_design_has_every_part_but_the_ledger(options: Options) -> None:
    """Which needs a file of claims beside the scenarios."""
    claims, parts = answers(run(), options)
    assert claims is None
    assert [part.anchor for part in parts] == ["waterfall", "interactions", "timeline", "trends"]


def test_the_ledger_stands_before_the_trends(options: Options, tmp_path: Path) -> None:
    """As a part of the page, and as claims for the other formats."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "claims.yaml").write_text("sources: []\n")
    claims, parts = answers(run(["none"]), options)
    assert claims is not None
    assert [part.anchor for part in parts] == ["timeline", "claims", "trends"]
    assert claims.part in parts


def test_a_part_of_the_design_is_not_attributed(options: Options) -> None:
    """Neither one without the control."""
    for names in (["none", "cache", "all"], ["cache", "all"], ["none"]):
        _, parts = answers(run(names), options)
        assert [part.anchor for part in parts] == ["timeline", "trends"]


def test_a_sweep_is_told_and_its_far_end_drawn(house: House) -> None:
    """From the scenario's settings to the parts of the page."""
    settings = "{by_trial: {rate_limit: [0.0, 0.5]}}"
    house.edit("trials: 2\n", f"trials: 2\nprovider: {{name: simulated, settings: {settings}}}\n")
    with scripted_provider() as provider:
        house.record(provider.base_url, fresh=True)
    scenario, runner = house.scenario, house.runner()
    series = runner.series(scenario, scenario.control)
    one = report_of(
        scenario, scenario.control, place=0, is_own_design=True, series=series, reason=""
    )
    assert one.swept == {"rate_limit": [0.0, 0.5]}
    assert len(one.timeline) == series.cells[1].measurement.calls
    _, parts = answers(RunReport.of([one]), house.options())
    assert [part.anchor for part in parts] == ["sweeps", "timeline", "trends"]


def test_what_could_not_run_has_no_answers(options: Options) -> None:
    """And breaks nothing."""
    lost = run(cells=(), metrics={}, timeline=(), outcome="COULD NOT RUN")
    _, parts = answers(lost, options)
    assert [part.anchor for part in parts] == ["trends"]
