"""`cells.parquet`: the result table with a fixed schema, for pandas, DuckDB and others."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from itertools import islice
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pyarrow as pa
from pyarrow import parquet

from flagbench.measurement.cell_result import CellResult, Rate
from flagbench.report.series_report import RunReport
from flagbench.subject import Metric

# Rows that are in memory as plain values at a time.
ROWS_OF_A_GROUP = 5_000
_PLAIN = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}


def schema() -> pa.Schema:
    """One column per field of `CellResult`; mappings become Arrow maps."""
    return pa.schema(_fields(CellResult))


def _fields(record: type) -> list[tuple[str, pa.DataType]]:
    return [(name, _arrow(hint)) for name, hint in get_type_hints(record).items()]


def _arrow(hint: Any) -> pa.DataType:
    """The Arrow type of an annotation; all columns are nullable."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        return pa.struct(_fields(hint))
    parts = [_arrow(part) for part in get_args(hint) if part is not NoneType]
    if get_origin(hint) is Mapping:
        return pa.map_(*parts)
    if get_origin(hint) is Sequence:
        return pa.list_(*parts)
    (only,) = parts
    return only


def content(report: RunReport) -> bytes:
    """The bytes of the file, identical for equal results and the same version of Arrow."""
    columns = schema()
    rows = (_row(cell, columns) for series in report.series for cell in series.cells)
    written = io.BytesIO()
    with parquet.ParquetWriter(written, columns, compression="zstd") as writer:
        while group := list(islice(rows, ROWS_OF_A_GROUP)):
            writer.write_table(pa.Table.from_pylist(group, columns))
    return written.getvalue()


def _row(cell: CellResult, columns: pa.Schema) -> dict[str, Any]:
    """A cell's row, with maps as lists of pairs sorted by key, as Arrow expects."""
    row = cell.row()
    row["rates"] = {name: Rate(*rate)._asdict() for name, rate in row["rates"].items()}
    row["metrics"] = {name: Metric(*metric)._asdict() for name, metric in row["metrics"].items()}
    for column in columns:
        if pa.types.is_map(column.type):
            row[column.name] = sorted(row[column.name].items())
    return row
