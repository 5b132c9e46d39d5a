"""The part of a page that differs between runs with the same results: walls, and known cells."""

from html import escape

from flagbench.report.series_report import RunReport
from flagbench.report.text import whole_run


def how_it_ran(report: RunReport) -> str:
    """The items of a list in HTML; at least one."""
    return "\n".join(f'<li class="walls">{escape(line)}</li>' for line in lines(report))


def lines(report: RunReport) -> list[str]:
    """The isolation layers in which generated files were run, the missing ones, and known cells."""
    behind = sorted({series.walls for series in report.series if series.walls})
    missing = sorted({wall for series in report.series for wall in series.walls_missing})
    known = whole_run.known_cells(report)
    lines = [f"Generated files were run behind: {walls}." for walls in behind]
    if missing:
        lines.append(f"Warning: the sandbox lacks {', '.join(missing)}.")
    return [*(lines or ["No generated file was run."]), *(f"{line}." for line in known)]
