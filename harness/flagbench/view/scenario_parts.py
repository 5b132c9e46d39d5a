"""The parts of a scenario's page that are drawn when they are looked at, from stored results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from flagbench.analysis.attribution.effects import Attribution
from flagbench.measurement.cell_result import CellResult
from flagbench.report.content import Part
from flagbench.report.html import quality
from flagbench.report.sections import (
    build,
    claims,
    interactions,
    sweeps,
    timeline,
    trends,
    waterfall,
)
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.options import Options

REFUTED = "refuted"
FRONTIER = "frontier"
# In the order of the page. The files that were refuted are no `Part`: they link to cells.
HEADINGS: Mapping[str, str] = {
    FRONTIER: "Quality against cost",
    waterfall.ANCHOR: "Savings by flag",
    interactions.ANCHOR: "Interactions",
    sweeps.ANCHOR: "Sweeps",
    timeline.ANCHOR: "Timeline",
    REFUTED: "Refuted files",
    claims.ANCHOR: "Claims",
    trends.ANCHOR: "Trends",
}


class ScenarioParts:
    """The parts of one scenario, from its stored series and their cells."""

    def __init__(
        self, members: Sequence[SeriesReport], cells: Sequence[CellResult], options: Options
    ) -> None:
        by_name: dict[str, list[CellResult]] = {}
        for cell in cells:
            by_name.setdefault(cell.combination, []).append(cell)
        self._members = [
            replace(member, cells=by_name.get(member.combination, ())) for member in members
        ]
        self._cells, self._options = cells, options

    def part(self, anchor: str) -> Part | None:
        """The part with an anchor; None where the results have nothing of it."""
        report = RunReport.of(self._members)
        made: Mapping[str, Callable[[], Part | None]] = {
            FRONTIER: self._frontier,
            waterfall.ANCHOR: lambda: waterfall.part(self._attributions),
            interactions.ANCHOR: lambda: interactions.part(self._attributions),
            sweeps.ANCHOR: lambda: sweeps.part(report),
            timeline.ANCHOR: lambda: timeline.part(report),
            claims.ANCHOR: self._claims,
            trends.ANCHOR: lambda: trends.part(report, self._options),
        }
        return made[anchor]()

    @cached_property
    def _attributions(self) -> Sequence[Attribution]:
        found = build.attribution(self._cells)
        return [found] if found else []

    def _frontier(self) -> Part | None:
        pictures = list(quality.pictures(FRONTIER, self._members[0].scenario, self._members))
        return Part(FRONTIER, HEADINGS[FRONTIER], [quality.LEGEND], pictures) if pictures else None

    def _claims(self) -> Part | None:
        first = self._members[0]
        path = Path(first.path).parent / claims.FILE
        return claims.part_of(first.scenario, self._cells, path)
