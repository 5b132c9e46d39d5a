"""Puts the answers together: quickly what every report says, and later what only the page shows."""

from collections.abc import Sequence
from pathlib import Path

from harness.attribution.attribute import Attribution, attribute
from harness.attribution.table import arrange
from harness.compare import cells as compared
from harness.compare.cells import Cell
from harness.errors import InputError
from harness.further import interactions, ledger, sweeps, timeline, trends, waterfall
from harness.options import Options
from harness.report import history
from harness.report.html.parts import Answers, Claims, Further
from harness.report.run_report import RunReport


def answers(report: RunReport, options: Options) -> Answers:
    """The answers of a run. Its line must be in the history already."""
    by_scenario = {
        name: compared.of_rows(cell for one in members for cell in one.cells)
        for name, members in report.by_scenario().items()
    }
    ledgers = sorted({Path(one.path).parent / ledger.FILE for one in report.series})
    claims = ledger.claims([cell for cells in by_scenario.values() for cell in cells], ledgers)
    histories = [history.path_of(options, name) for name in by_scenario]
    return Answers(
        claims=claims,
        further=lambda: further(report, options, list(by_scenario.values()), claims),
        made_of=[_text(path) for path in (*ledgers, *histories)],
    )


def further(
    report: RunReport, options: Options, scenarios: Sequence[Sequence[Cell]], claims: Claims | None
) -> Further:
    """The parts of the page."""
    found = [one for cells in scenarios if (one := _full(cells))]
    return Further(
        waterfall=waterfall.part(found),
        interactions=interactions.part(found),
        sweeps=sweeps.part(report),
        timeline=timeline.part(report),
        ledger=claims.part if claims else None,
        trends=trends.part(report, options),
    )


def _full(cells: Sequence[Cell]) -> Attribution | None:
    """The effects of a scenario's flags if its full design was run."""
    if not cells:
        return None
    try:
        design = arrange(cells)
    except InputError:
        return None  # without a control, or with nothing varied, there is nothing to attribute
    return attribute(design) if design.is_full else None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
