"""All answers of a run together: which parts there are, and what they are made of."""

from pathlib import Path

import pytest
from house import House
from scripted_provider import scripted_provider
from whole_run import run

from harness.further.answers import answers
from harness.options import Options
from harness.report import history
from harness.report.run_report import RunReport, told


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Reports in a folder of the test, beside no scenarios."""
    monkeypatch.chdir(tmp_path)
    return Options(cassettes=tmp_path, baselines=tmp_path, reports=tmp_path)


def test_a_full_design_has_every_part_but_the_ledger(options: Options) -> None:
    """Which needs a file of claims beside the scenarios."""
    found = answers(run(), options)
    further = found.further()
    assert found.claims is None
    assert [one.anchor for one in further.known()] == [
        "waterfall", "interactions", "timeline", "trends",
    ]  # fmt: skip


def test_a_part_of_the_design_is_not_attributed(options: Options) -> None:
    """Neither one without the control."""
    for names in (["none", "cache", "all"], ["cache", "all"], ["none"]):
        found = answers(run(names), options).further()
        assert found.waterfall is None
        assert found.interactions is None
        assert found.timeline is not None


def test_a_sweep_is_told_and_its_far_end_drawn(house: House) -> None:
    """From the scenario's settings to the parts of the page."""
    settings = "{by_trial: {rate_limit: [0.0, 0.5]}}"
    house.edit("trials: 2\n", f"trials: 2\nprovider: {{name: simulated, settings: {settings}}}\n")
    with scripted_provider() as provider:
        house.record(provider.base_url, fresh=True)
    scenario, runner = house.scenario, house.runner()
    series = runner.series(scenario, scenario.control)
    one = told(scenario, scenario.control, is_own_design=True, series=series, reason="")
    assert one.swept == {"rate_limit": [0.0, 0.5]}
    assert len(one.timeline) == series.cells[1].measurement.calls
    found = answers(RunReport.of([one]), house.options()).further()
    assert found.sweeps is not None
    assert found.timeline is not None


def test_what_could_not_run_has_no_answers(options: Options) -> None:
    """And breaks nothing."""
    found = answers(run(cells=(), metrics={}, timeline=(), outcome="COULD NOT RUN"), options)
    assert [one.anchor for one in found.further().known()] == ["trends"]


def test_another_history_or_ledger_makes_other_parts(options: Options, tmp_path: Path) -> None:
    """And the same makes the same, so that it need not be worked out again."""
    first = answers(run(), options).made_of
    assert answers(run(), options).made_of == first
    history.remember(run(), options)
    second = answers(run(), options).made_of
    assert second != first
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "claims.yaml").write_text("sources: {}\nclaims: []\n")
    assert answers(run(), options).made_of != second
