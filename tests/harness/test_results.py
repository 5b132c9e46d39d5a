"""The result table as a data frame."""

from pathlib import Path

import pytest
from house import House

from harness.report import json_files, run_report
from harness.report.run_report import RunReport
from harness.results import load_cells


def test_cells_become_rows_with_dotted_columns(house: House, tmp_path: Path) -> None:
    """One row a cell, in the order of the file."""
    scenario, runner = house.scenario, house.runner()
    report = RunReport.of(
        run_report.told(
            scenario, one, is_own_design=True, series=runner.series(scenario, one), reason=""
        )
        for one in scenario.combinations
    )
    json_files.write(report, tmp_path)
    table = load_cells(tmp_path / "cells.jsonl")
    assert (
        list(table["combination"]) == ["none"] * 2 + ["short"] * 2 + ["parallel"] * 2 + ["all"] * 2
    )
    assert list(table["trial"]) == [1, 2] * 4
    assert (table["by_agent.writer.prompt_tokens"] == table["prompt_tokens"]).all()
    assert table.groupby("combination")["tokens"].mean()["none"] > 500


def test_what_is_no_result_table_is_told(tmp_path: Path) -> None:
    """A missing file, a file of something else."""
    with pytest.raises(FileNotFoundError):
        load_cells(tmp_path / "cells.jsonl")
    (tmp_path / "cells.jsonl").write_text("not json\n")
    with pytest.raises(ValueError, match="Expecting value"):
        load_cells(tmp_path / "cells.jsonl")
