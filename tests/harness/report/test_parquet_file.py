"""`cells.parquet`: every field of the result table, in pandas and in DuckDB."""

import dataclasses
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pandas.core.arrays.arrow.extension_types
import pytest
from house import House

from flagbench.measurement.cell_result import CellResult
from flagbench.report.data import json_files, parquet_file
from flagbench.report.series_report import RunReport, report_of


@pytest.fixture
def report(house: House) -> RunReport:
    """Two series of the tiny scenario."""
    scenario, runner = house.scenario, house.runner()
    return RunReport.of(
        report_of(
            scenario, one, place=place, is_own_design=True, series=runner.series(scenario, one),
            reason="",
        )
        for place, one in enumerate(scenario.combinations[:2])
    )  # fmt: skip


def test_every_field_of_a_result_is_a_column() -> None:
    """In its order, and what it holds has the type that its annotation says."""
    schema = parquet_file.schema()
    assert schema.names == [field.name for field in dataclasses.fields(CellResult)]
    types = {
        "trial": "int64", "usd": "double", "cassette": "string", "warnings": "list<item: string>",
        "events": "map<string, int64>",
        "rates": "map<string, struct<part: int64, whole: int64>>",
        "by_agent": "map<string, struct<calls: int64, prompt_tokens: int64, "
        "completion_tokens: int64, seconds: double>>",
        "artifacts": "list<item: struct<request_id: string, kind: string, path: string, "
        "approved: bool, sha256: string>>",
    }  # fmt: skip
    assert {name: str(schema.field(name).type) for name in types} == types


def test_pandas_reads_what_the_lines_say(report: RunReport, tmp_path: Path) -> None:
    """Row by row the same numbers as `cells.jsonl`."""
    json_files.write(report, tmp_path)
    (tmp_path / "cells.parquet").write_bytes(parquet_file.content(report))
    lines = (tmp_path / "cells.jsonl").read_text().splitlines()
    table = pd.read_parquet(tmp_path / "cells.parquet")
    assert len(table) == len(lines) == 4
    for (_, row), line in zip(table.iterrows(), lines, strict=True):
        cell = json.loads(line)
        for name in ("scenario", "combination", "trial", "tokens", "seconds", "usd", "cassette"):
            assert row[name] == cell[name]
        assert dict(row["flags"]) == cell["flags"]
        assert dict(row["by_agent"]) == cell["by_agent"]
        assert {name: [one["part"], one["whole"]] for name, one in row["rates"]} == cell["rates"]
        assert [dict(one) for one in row["artifacts"]] == cell["artifacts"]


def test_duckdb_asks_by_key(report: RunReport, tmp_path: Path) -> None:
    """Maps are maps there. In a process of its own: it complains when pytest's ends."""
    (tmp_path / "cells.parquet").write_bytes(parquet_file.content(report))
    question = (
        "select combination, sum(by_agent['writer'].calls), sum(rates['approval_rate'].whole) "
        "from 'cells.parquet' group by combination order by combination"
    )
    script = f"import duckdb; print(duckdb.sql({question!r}).fetchall())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[('none', 6, 6), ('short', 6, 6)]\n"


def test_the_same_results_give_the_same_bytes(report: RunReport) -> None:
    """Nothing of today is in the file."""
    assert parquet_file.content(report) == parquet_file.content(report)


def test_a_run_without_a_cell_has_an_empty_table() -> None:
    """With its columns."""
    table = pd.read_parquet(io.BytesIO(parquet_file.content(RunReport.of(()))))
    assert list(table.columns) == parquet_file.schema().names
