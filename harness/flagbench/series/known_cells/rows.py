"""A measured cell as the bytes of a row: a line of what was read for it, and the cell."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter, ValidationError

from flagbench.series.series import MeasuredCell


@cache
def _adapter() -> TypeAdapter[MeasuredCell]:
    return TypeAdapter(MeasuredCell)


def packed(cell: MeasuredCell, head: bytes) -> bytes | None:
    """The bytes of a row; None for a cell that JSON cannot hold as it is."""
    try:
        body = _adapter().dump_json(cell, warnings=False)
    except ValueError:
        return None
    return head + b"\n" + zlib.compress(body, 1)


def read(row: bytes, are_same: Callable[[bytes], bool]) -> MeasuredCell | None:
    """The cell of a row; None where `are_same` denies what was read for it, or for another form."""
    head, _, body = row.partition(b"\n")
    if not are_same(head):
        return None
    try:
        cell = _adapter().validate_json(zlib.decompress(body))
    except ValidationError:
        return None
    return replace(cell, is_known=True, cpu_seconds=0.0)
