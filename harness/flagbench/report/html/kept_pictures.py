"""Pictures of earlier pages, so that a page draws only what none of them has shown.

Drawing is most of what the report of a run costs whose cells are known.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup

from flagbench.checked_rows import CheckedRows
from flagbench.report.svg import Figure
from flagbench.series.known_cells.file_digests import installation

FILE_NAME = "pictures.sqlite"
_BOUND_BYTES = 64 << 20


class KeptPictures:
    """The pictures below a folder; with None, nothing is kept.

    A picture stands under the digest of its content and of the installation that drew it. While the
    installation is being changed, nothing is kept or taken.
    """

    def __init__(self, folder: Path | None) -> None:
        path = folder / FILE_NAME if folder else None
        self._rows = CheckedRows(path, "pictures", _BOUND_BYTES)
        self._is_used = folder is not None

    def draw(self, figures: Iterable[Figure]) -> None:
        """Draw the figures, or take their pictures from an earlier page."""
        if not self._is_used:
            return  # each is drawn when it is looked at
        digest, is_settled = installation()
        if not is_settled:
            return
        contents = ((figure.content, figure) for figure in figures)
        by_key = {
            hashlib.sha256(f"{digest} {content}".encode("utf-8", "surrogatepass")).hexdigest(): each
            for content, each in contents
            if content is not None
        }
        kept = self._rows.get(by_key)
        for key, row in kept.items():
            by_key[key].svg = Markup(row.decode())  # noqa: S704  it was drawn here
        missing = [key for key in by_key if key not in kept]
        if missing:
            self._rows.put({key: by_key[key].svg.encode() for key in missing})
            self._rows.trim()
