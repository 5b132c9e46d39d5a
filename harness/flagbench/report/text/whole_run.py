"""Lines about a run as a whole: series that were not kept, proofs, and known cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import provisional_text
from flagbench.report.text.table import join_names


def proving(report: RunReport) -> list[str]:
    """The number of proofs, their cost, and the sandbox they ran in."""
    made, kept, seconds = (
        sum(series.proving.get(name, 0) for series in report.series)
        for name in ("made", "kept", "seconds")
    )
    if not made + kept:
        return []
    walls = sorted({series.walls for series in report.series if series.walls})
    behind = f", behind {' and '.join(walls)}" if walls else ""
    missing = sorted({wall for series in report.series for wall in series.walls_missing})
    return [
        f"{made:,.0f} files were proven by running them{behind}; {kept:,.0f} proofs were cached "
        f"({seconds:,.0f} s of waiting)",
        *([f"warning: the sandbox lacks {', '.join(missing)}"] if missing else []),
    ]


def unseen(report: RunReport) -> list[str]:
    """The reason why no cell can be known; in no file, whose bytes are those of any run."""
    paths = sorted({path for series in report.series for path in series.unseen})
    more = f" and {len(paths) - 1} more files" if len(paths) > 1 else ""
    return [f"no cell is known: what {paths[0]}{more} read is not seen"] if paths else []


def known_cells(report: RunReport) -> list[str]:
    """The number of cells that were not replayed."""
    known = sum(series.known_cells for series in report.series)
    cells = sum(len(series.cells) for series in report.series)
    if not known:
        return []
    return [
        f"{known:,} of {cells:,} cells were known: their inputs are as they were in an earlier run "
        "(--fresh replays all)"
    ]


@dataclass(frozen=True, slots=True)
class NotKept:
    """Series that were not KEPT, for the same reasons.

    `causes` explain the first of them: the change in words, and the diff of a prompt or "".
    """

    outcome: str
    series: str
    reasons: Sequence[str]
    causes: Sequence[tuple[str, str]]


def group_not_kept(report: RunReport) -> list[NotKept]:
    """Group the series that were not KEPT by their reasons."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[SeriesReport]] = {}
    for series in report.series:
        if series.outcome != "KEPT":
            reasons = (series.reason,) if series.reason else tuple(series.broken)
            reasons = tuple(provisional_text.lines(series)) or reasons
            groups.setdefault((series.outcome, series.path, reasons), []).append(series)
    return [
        NotKept(
            outcome,
            f"{path}::{join_names([series.combination for series in group])}",
            reasons,
            group[0].causes,
        )
        for (outcome, path, reasons), group in groups.items()
    ]
