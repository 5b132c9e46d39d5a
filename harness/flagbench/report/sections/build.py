"""The sections of a run's report: claims, shown by every format, and parts of a page."""

from collections.abc import Sequence
from pathlib import Path

from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, attribute
from flagbench.errors import InputError
from flagbench.measurement.cell_result import CellResult
from flagbench.report.content import Claims, Part
from flagbench.report.sections import claims as claims_section
from flagbench.report.sections import interactions, sweeps, timeline, trends, waterfall
from flagbench.report.series_report import RunReport
from flagbench.run.options import Options


def answers(report: RunReport, options: Options) -> tuple[Claims | None, tuple[Part, ...]]:
    """Build the claims and the parts of the page, in order; parts without data are left out.

    The run must already be in the history.
    """
    scenarios = [
        [cell for member in members for cell in member.cells]
        for members in report.by_scenario().values()
    ]
    files = sorted({Path(series.path).parent / claims_section.FILE for series in report.series})
    claims = claims_section.claims([cell for cells in scenarios for cell in cells], files)
    attributions = [item for cells in scenarios if (item := attribution(cells))]
    parts = (
        waterfall.part(attributions),
        interactions.part(attributions),
        sweeps.part(report),
        timeline.part(report),
        claims.part if claims else None,
        trends.part(report, options),
    )
    return claims, tuple(part for part in parts if part is not None)


def attribution(cells: Sequence[CellResult]) -> Attribution | None:
    """The effects of a scenario's flags, or None unless its full design was run."""
    if not cells:
        return None
    try:
        design = arrange(cells)
    except InputError:
        return None  # without a control, or with nothing varied, there is nothing to attribute
    return attribute(design) if design.is_full else None
