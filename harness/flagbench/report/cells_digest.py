"""The digest of measured cells: that of their rows as JSON, which are never held as a whole."""

import hashlib
from collections.abc import Iterable

from flagbench.cassette.cassette import canonical
from flagbench.measurement.cell_result import CellResult


class CellsDigest:
    """The SHA-256 of a list in JSON whose parts, one for each series, come one by one."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256(b"[")
        self._between = b""

    def add(self, part: bytes) -> None:
        """Add the next part."""
        self._digest.update(self._between + part)
        self._between = b","

    @property
    def value(self) -> str:
        """The digest of the parts so far, in hexadecimal digits."""
        whole = self._digest.copy()
        whole.update(b"]")
        return whole.hexdigest()


def part_of(cells: Iterable[CellResult]) -> bytes:
    """The rows of a series' cells, as a list in JSON."""
    return f"[{','.join(canonical(cell.row()) for cell in cells)}]".encode()
