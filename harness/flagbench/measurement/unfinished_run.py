"""Mark of a run that has not ended: the results in its folder are of an earlier one.

A run that is killed leaves the mark. Reports for people say so at their beginning, and programs are
refused the results.
"""

from datetime import UTC, datetime
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.errors import Problem

MARK = "UNFINISHED"
_WORDS = "A later run has not ended: these are the results of an earlier one."
# The place in a report, and what is put there while a run has not ended.
_REPORTS = {
    "report.md": ("# flagbench", f"**{_WORDS}**\n\n# flagbench"),
    "report.html": ("<body>", f"<body><p><strong>{_WORDS}</strong></p>"),
}


def begin(latest: Path) -> None:
    """Mark the results of an earlier run, if there are any. Raises `OSError`."""
    if not latest.is_dir():
        return
    started = datetime.now(UTC).isoformat(timespec="seconds")
    write_whole(latest / MARK, f"{_WORDS}\nIt began at {started}.\n")
    for name, (place, marked) in _REPORTS.items():
        _replace(latest / name, place, marked, unless=marked)


def end(latest: Path) -> None:
    """Remove the mark: the run has ended, with results of its own or without any."""
    (latest / MARK).unlink(missing_ok=True)
    for name, (place, marked) in _REPORTS.items():
        _replace(latest / name, marked, place)


def problem(folder: Path) -> Problem | None:
    """The reason not to read the results in a folder; None without a mark."""
    mark = folder / MARK
    if not mark.exists():
        return None
    return Problem(
        "the latest run has not ended: these results are of an earlier one",
        where=str(folder),
        fix=f"pytest scenarios/ (or delete {mark} to use the earlier ones)",
    )


def _replace(path: Path, old: str, new: str, unless: str | None = None) -> None:
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    if old in text and (unless is None or unless not in text):
        write_whole(path, text.replace(old, new, 1))
