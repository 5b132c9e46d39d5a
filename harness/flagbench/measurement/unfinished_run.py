"""Mark of a run that has not ended: the results in its folder are of an earlier one, or a part.

A run that is killed leaves the mark. Reports for people say so at their beginning, and programs are
refused the results.
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.errors import Problem

MARK = "UNFINISHED"
_EARLIER = "A later run has not ended: these are the results of an earlier one."
_PART = "A run has not ended: its results are not whole."
# The place in a report, and what is put there while a run has not ended.
_REPORTS = {
    "report.md": ("# flagbench", "**{}**\n\n# flagbench"),
    "report.html": ("<body>", "<body><p><strong>{}</strong></p>"),
}


def begin(latest: Path, *, writes: bool = False) -> None:
    """Mark the folder of a run's results, which is made. Raises `OSError`.

    What it has is of an earlier run, or a part if that left one; it becomes a part where the run
    `writes` from now on, as a merge does.
    """
    words = _PART if writes or not _has_earlier(latest) else _EARLIER
    started = datetime.now(UTC).isoformat(timespec="seconds")
    write_whole(latest / MARK, f"{words}\nIt began at {started}.\n")
    _unmark_reports(latest)
    for name, (place, marked) in _REPORTS.items():
        _replace(latest / name, place, marked.format(words))


def end(latest: Path) -> None:
    """Remove the mark: the run has ended, with results of its own or without any."""
    (latest / MARK).unlink(missing_ok=True)
    _unmark_reports(latest)
    with suppress(OSError):  # it has results
        latest.rmdir()


def problem(folder: Path) -> Problem | None:
    """The reason not to read the results in a folder; None without a mark."""
    mark = folder / MARK
    if not mark.exists():
        return None
    if _is_of_part(mark):
        return Problem(
            "the latest run has not ended: its results are not whole",
            where=str(folder),
            expected="the results of a run that has ended",
            fix="run it, or merge its shards, again",
        )
    return Problem(
        "the latest run has not ended: these results are of an earlier one",
        where=str(folder),
        fix=f"pytest scenarios/ (or delete {mark} to use the earlier ones)",
    )


def _has_earlier(latest: Path) -> bool:
    """True for a folder with the results of a run that has ended."""
    if not latest.is_dir() or _is_of_part(latest / MARK):
        return False
    return any(path.name != MARK for path in latest.iterdir())


def _is_of_part(mark: Path) -> bool:
    try:
        return mark.read_text(encoding="utf-8", errors="replace").startswith(_PART)
    except OSError:
        return False


def _unmark_reports(latest: Path) -> None:
    for name, (place, marked) in _REPORTS.items():
        for words in (_EARLIER, _PART):
            _replace(latest / name, marked.format(words), place)


def _replace(path: Path, old: str, new: str) -> None:
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    if old in text:
        write_whole(path, text.replace(old, new, 1))
