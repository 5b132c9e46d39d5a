"""The sections of a run's report: its claims, which every format shows, and parts of the page."""

from collections.abc import Sequence
from pathlib import Path

from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, attribute
from flagbench.errors import InputError
from flagbench.measurement.cell_result import CellResult
from flagbench.report.content import Claims, Part
from flagbench.report.sections import claims as ledger
from flagbench.report.sections import interactions, sweeps, timeline, trends, waterfall
from flagbench.report.series_report import RunReport
from flagbench.run.options import Options


def answers(report: RunReport, options: Options) -> tuple[Claims | None, tuple[Part, ...]]:
    """The claims, and the page's parts in their order; what there is no data for is left out.

    The run must be in the history already.
    """
    scenarios = [
        [cell for member in members for cell in member.cells]
        for members in report.by_scenario().values()
    ]
    ledgers = sorted({Path(series.path).parent / ledger.FILE for series in report.series})
    claims = ledger.claims([cell for cells in scenarios for cell in cells], ledgers)
    attributed = [attribution for cells in scenarios if (attribution := _full(cells))]
    parts = (
        waterfall.part(attributed),
        interactions.part(attributed),
        sweeps.part(report),
        timeline.part(report),
        claims.part if claims else None,
        trends.part(report, options),
    )
    return claims, tuple(part for part in parts if part is not None)


def _full(cells: Sequence[CellResult]) -> Attribution | None:
    """The effects of a scenario's flags if its full design was run."""
    if not cells:
        return None
    try:
        design = arrange(cells)
    except InputError:
        return None  # without a control, or with nothing varied, there is nothing to attribute
    return attribute(design) if design.is_full else None
