"""`cells.parquet`: the result table with a fixed schema, for pandas, DuckDB and others."""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from harness.files import write_whole
from harness.report.run_report import RunReport

FILE = "cells.parquet"

_USAGE = pa.struct(
    [
        ("calls", pa.int64()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("seconds", pa.float64()),
    ]
)
_ARTIFACT = pa.struct(
    [
        ("request_id", pa.string()),
        ("kind", pa.string()),
        ("path", pa.string()),
        ("approved", pa.bool_()),
        ("sha256", pa.string()),
    ]
)
_REFUTED = pa.struct(
    [
        ("request", pa.int64()),
        ("path", pa.string()),
        ("file", pa.string()),
        ("approved", pa.bool_()),
        ("check", pa.string()),
        ("message", pa.string()),
        ("sha256", pa.string()),
    ]
)
_RATE = pa.struct([("part", pa.int64()), ("whole", pa.int64())])
# One column for each field of `harness.measure.Measurement`; what is keyed by name is a map.
SCHEMA = pa.schema(
    [
        ("scenario", pa.string()),
        ("combination", pa.string()),
        ("trial", pa.int64()),
        ("provider", pa.string()),
        ("model", pa.string()),
        ("tokenizer", pa.string()),
        ("cassette", pa.string()),
        ("flags", pa.map_(pa.string(), pa.string())),
        ("requests", pa.int64()),
        ("calls", pa.int64()),
        ("failed_calls", pa.map_(pa.string(), pa.int64())),
        ("cut_off_calls", pa.int64()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("tokens", pa.int64()),
        ("usage_difference", pa.map_(pa.string(), pa.int64())),
        ("seconds", pa.float64()),
        ("usd", pa.float64()),
        ("price_since", pa.string()),
        ("by_agent", pa.map_(pa.string(), _USAGE)),
        ("by_phase", pa.map_(pa.string(), _USAGE)),
        ("by_request", pa.map_(pa.string(), _USAGE)),
        ("rates", pa.map_(pa.string(), _RATE)),
        ("artifacts", pa.list_(_ARTIFACT)),
        ("refuted", pa.list_(_REFUTED)),
        ("events", pa.map_(pa.string(), pa.int64())),
        ("warnings", pa.list_(pa.string())),
    ]
)


def write(report: RunReport, folder: Path) -> None:
    """Write the table: the same bytes for the same results and the same version of Arrow."""
    rows = [_row(cell) for series in report.series for cell in series.cells]
    content = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, SCHEMA), content, compression="zstd")
    write_whole(folder / FILE, content.getvalue())


def _row(cell: Mapping[str, Any]) -> dict[str, Any]:
    """A cell's row with its maps as Arrow takes them."""
    row = dict(cell)
    row["rates"] = {
        name: {"part": part, "whole": whole} for name, (part, whole) in row["rates"].items()
    }
    for field in SCHEMA:
        if pa.types.is_map(field.type):
            row[field.name] = _pairs(row[field.name].items())
    return row


def _pairs(items: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return sorted((str(key), value) for key, value in items)
