"""Files that a run has no use for: recordings, cassettes and baselines."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_run import cell, series

from flagbench.report import unused_files
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.options import Options

Find = Callable[..., list[str]]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Finds the unused files of a run with these series, in a project with one scenario, `s`."""
    (tmp_path / "scenarios").mkdir()
    for name in ("s.yaml", "claims.yaml"):
        (tmp_path / "scenarios" / name).touch()

    def find(*members: SeriesReport, interrupted: bool = False, **overrides: object) -> list[str]:
        folders = {name: tmp_path / name for name in ("cassettes", "baselines", "reports")}
        report = RunReport.of(
            [replace(one, path=str(tmp_path / "scenarios" / "s.yaml")) for one in members],
            interrupted=interrupted,
        )
        options = Options(**folders | overrides)
        return unused_files.find(report, options, [tmp_path / "scenarios"], tmp_path).lines()

    return find


@pytest.mark.parametrize(
    "changes",
    [
        {"is_own_design": False},
        {"declared": ["all", "none"]},
        {"cells": [], "outcome": "COULD NOT RUN"},
    ],
)
def test_unused_recordings_are_told_only_of_a_whole_run(
    find: Find, changes: dict[str, object]
) -> None:
    """A part of the series uses a part of the recordings."""
    whole = series(cells=[cell()], used={"1": [0, 2]}, recorded={"1": 4})
    assert find(whole) == [
        "cassettes/simulated/s/1.yaml: 2 recording(s) used by no combination: 2, 4"
    ]
    assert find(replace(whole, **changes)) == []


def test_a_long_list_of_unused_recordings_is_cut(find: Find) -> None:
    """Twelve places are enough to start with."""
    (line,) = find(series(cells=[cell()], used={"1": []}, recorded={"1": 20}))
    assert line.endswith(
        "20 recording(s) used by no combination: " + ", ".join(str(n) for n in range(1, 13)) + ", …"
    )


def test_files_of_no_scenario_are_named(find: Find, tmp_path: Path) -> None:
    """Baselines and accepted traces, folders of cassettes of any provider, and a trial too many."""
    for path in (
        "baselines/s.json", "baselines/s.steps.json", "baselines/old.json",
        "baselines/old.steps.json", "cassettes/simulated/s/1.yaml", "cassettes/simulated/s/2.yaml",
        "cassettes/openai/s/7.yaml", "cassettes/openai/gone/1.yaml",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "cassettes" / "simulated" / "empty").mkdir()
    told = [
        "baselines/old.json: belongs to no scenario",
        "baselines/old.steps.json: belongs to no scenario",
        "cassettes/openai/gone: belongs to no scenario",
    ]
    trial = "cassettes/simulated/s/2.yaml: belongs to no scenario"
    assert find(series()) == [*told, trial]
    assert find(series(), trials=1) == told
    assert find(series(), interrupted=True) == []


def test_files_of_a_scenario_that_was_not_run_are_its_own(find: Find, tmp_path: Path) -> None:
    """After a part of the scenarios, nothing is said of files."""
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "other.json").touch()
    (tmp_path / "scenarios" / "other.yml").touch()
    assert find(series()) == []
