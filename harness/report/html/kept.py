"""A page that was made of the same is the same: it is kept, since drawing it takes a second."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from harness.report.run_report import RunReport
from harness.report.unused import Unused
from harness.tape import canonical, sha256

_ROOM = Path(__file__).parents[2]


def digest(
    report: RunReport, found: Unused, others: Sequence[str], versions: Sequence[Sequence[str]]
) -> str:
    """One digest of everything that a page is made of: the run, this program, its libraries."""
    # The cells have a digest already; of the rest a page says nothing, and it costs what it costs.
    series = [
        asdict(replace(one, cells=(), steps=(), cpu_seconds=0.0, proving={}))
        for one in report.series
    ]
    program = [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(_ROOM.rglob("*"))
        if path.suffix in (".py", ".css", ".js", ".j2")
    ]
    return sha256(
        canonical(
            [
                report.digest,
                report.interrupted,
                series,
                found.lines(),
                list(others),
                program,
                [list(one) for one in versions],
            ]
        )
    )


def signed(page: bytes, made_of: str) -> bytes:
    """The page, and under it what it was made of and what it is."""
    return page + _signature(page, made_of)


def is_current(path: Path, made_of: str) -> bool:
    """Whether the file is a whole page, as it was written, made of the same."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    page, mark, _ = content.rpartition(b"<!-- made of ")
    return bool(mark) and content == signed(page, made_of)


def _signature(page: bytes, made_of: str) -> bytes:
    return f"<!-- made of {made_of}, is {hashlib.sha256(page).hexdigest()} -->\n".encode()
