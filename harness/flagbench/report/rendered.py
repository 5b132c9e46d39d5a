"""The files that the extra `report` renders of a run, and the claims in short."""

from dataclasses import dataclass
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.report.content import Claims

PAGE_FILE, TABLE_FILE = "report.html", "cells.parquet"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, the result table as Parquet, and the claims in short, None where there are none."""

    page: str
    table: bytes
    claims: Claims | None

    def write(self, folder: Path) -> None:
        """Write both files, each atomically. Raises `OSError`."""
        write_whole(folder / TABLE_FILE, self.table)
        write_whole(folder / PAGE_FILE, self.page)
