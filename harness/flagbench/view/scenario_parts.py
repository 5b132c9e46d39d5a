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
# Why a part may be empty.
REASONS: Mapping[str, str] = {
    FRONTIER: "No series has both a cost and a rate of approval or acceptance.",
    waterfall.ANCHOR: "Savings are attributed to flags where the full design was run.",
    interactions.ANCHOR: "Interactions need the full design of at least two flags.",
    sweeps.ANCHOR: "The provider's settings are the same in all trials.",
    timeline.ANCHOR: "No series has a timeline.",
    REFUTED: "No file was refuted.",
    claims.ANCHOR: "Nothing is claimed of this scenario.",
}


class ScenarioParts:
    """The parts of one scenario, from its stored series, and from their cells where needed."""

    def __init__(
        self,
        members: Sequence[SeriesReport],
        cells: Callable[[], Sequence[CellResult]],
        options: Options,
    ) -> None:
        self._members, self._load, self._options = members, cells, options

    @cached_property
    def _cells(self) -> Sequence[CellResult]:
        return self._load()

    @cached_property
    def _whole(self) -> RunReport:
        """The series with their cells."""
        by_name: dict[str, list[CellResult]] = {}
        for cell in self._cells:
            by_name.setdefault(cell.combination, []).append(cell)
        return RunReport.of(
            replace(member, cells=by_name.get(member.combination, ())) for member in self._members
        )

    def part(self, anchor: str) -> Part | None:
        """The part with an anchor; None where the results have nothing of it."""
        made: Mapping[str, Callable[[], Part | None]] = {
            FRONTIER: self._frontier,
            waterfall.ANCHOR: lambda: waterfall.part(self._attributions),
            interactions.ANCHOR: lambda: interactions.part(self._attributions),
            sweeps.ANCHOR: lambda: sweeps.part(self._whole) if self._members[0].swept else None,
            timeline.ANCHOR: lambda: timeline.part(RunReport.of(self._members)),
            claims.ANCHOR: self._claims,
            trends.ANCHOR: lambda: trends.part(self._whole, self._options),
        }
        return made[anchor]()

    @cached_property
    def _attributions(self) -> Sequence[Attribution]:
        found = build.attribution(self._cells)
        return [found] if found else []

    def _frontier(self) -> Part | None:
        pictures = list(quality.pictures(FRONTIER, self._members[0].scenario, self._members))
        if not pictures:
            return None
        return Part(FRONTIER, HEADINGS[FRONTIER], [quality.legend(pictures)], pictures)

    def _claims(self) -> Part | None:
        first = self._members[0]
        path = Path(first.path).parent / claims.FILE
        return claims.part_of(first.scenario, self._cells, path)
