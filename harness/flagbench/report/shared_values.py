"""Equal values of many reports, kept once."""

import hashlib
from dataclasses import replace
from types import NoneType
from typing import Any

from flagbench.report.series_report import SeriesReport


class SharedValues:
    """Equal values of reports that were pickled one by one, kept once: most cells are alike.

    The reports of about the first `apart` cells stay as they are: to look for equal values takes
    time, and so few fill no memory.
    """

    def __init__(self, apart: int = 2_000) -> None:
        self._known: dict[bytes, Any] = {}
        self._left = apart

    def shared(self, series: SeriesReport) -> SeriesReport:
        """The same report, with texts and mappings that earlier ones have."""
        self._left -= len(series.cells)
        if self._left >= 0:
            return series
        cells = [self._with_known(cell) for cell in series.cells]
        known: SeriesReport = self._with_known(replace(series, cells=cells), but="cells")
        return known

    def _with_known(self, record: Any, but: str = "") -> Any:
        values = {
            name: self._known.setdefault(_key(name, value), value)
            for name in record.__slots__
            if name != but and not isinstance(value := getattr(record, name), _SMALL)
        }
        return replace(record, **values)


def _key(name: str, value: object) -> bytes:
    """The name and the value of a field, shorter than most values."""
    text = f"{name} {value!r}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


# Values that take no more than a reference to them, or about as much.
_SMALL = (bool, int, float, NoneType)
