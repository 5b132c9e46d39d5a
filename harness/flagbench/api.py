"""Results as a program or a notebook uses them: cells, comparisons, attributions.

Each function reads what a run has written; none of them runs a scenario. The extra `report` has the
libraries that they need; without it they raise `MissingExtra`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flagbench import extras
from flagbench.errors import InputError, Problem
from flagbench.measurement import results
from flagbench.measurement.flat_row import flat_row

# Columns that a notebook shows before it leaves some out: the cell, what it cost, how good it was.
_FIRST = ("scenario", "combination", "trial", "tokens", "seconds", "usd", "calls",
          "approval_rate", "acceptance_rate")  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd

    from flagbench.analysis.attribution.effects import Attribution
    from flagbench.analysis.comparison.comparison import Comparison


def load_cells(source: Path | str = results.LATEST) -> pd.DataFrame:
    """Read the cells of a run: one row for each scenario, combination and trial.

    `source` is a `cells.jsonl` or the folder of one. The columns are the plain fields of
    `CellResult` (tokens, seconds on the virtual clock or NaN where unknown, usd or NaN without a
    price), `flag.<name>`
    with the level of each flag, and `<name>` with each rate as a fraction of 1 (NaN where nothing
    was counted); cost and quality come first. Raises `InputError` for a file that is missing or
    wrong, with its line.
    """
    extras.require("report", "flagbench.load_cells")
    import pandas as pd  # noqa: PLC0415  an extra's

    frame = pd.DataFrame([flat_row(cell) for cell in results.load(Path(source))])
    first = [name for name in _FIRST if name in frame]
    return frame[first + [name for name in frame if name not in first]]


def compare(
    a: str,
    b: str,
    *,
    results_of: Path | str = results.LATEST,
    scenarios: Sequence[str] = (),
    declared: Sequence[str] = (),
) -> Comparison:
    """Compare two series or two runs, paired by scenario, trial and request.

    A notebook shows the result as tables, and as charts of quality against cost.
    `a` and `b` are a combination (`none`), results (a file, a folder, a commit), or both
    (`before/::all`), as for `flagbench compare`; `declared` names what may differ besides. Raises
    `InputError` for what is not found, or cannot be paired.
    """
    extras.require("report", "flagbench.compare")
    from flagbench.analysis.comparison import comparison, pairing, sources  # noqa: PLC0415  an extra's
    from flagbench.report.html.notebook import ShownComparison  # noqa: PLC0415

    left, right = (
        sources.find(text, results=Path(results_of), scenarios=scenarios) for text in (a, b)
    )
    pairs = pairing.pair(left.cells, right.cells, declared)
    compared = comparison.compare(pairs, comparison.usual_scope(pairs))
    return ShownComparison.of(compared, (left.name, right.name))


def attribute(scenario: str, *, results_of: Path | str = results.LATEST) -> Attribution:
    """Estimate what each flag does in a scenario: effects, interactions, Shapley values.

    A notebook shows the result as a table for each metric and, of a full design, as charts.
    `scenario` is its name. Raises `InputError` for a scenario without cells, without a control, or
    with nothing varied.
    """
    extras.require("report", "flagbench.attribute")
    from flagbench.analysis.attribution.design_matrix import arrange  # noqa: PLC0415  an extra's
    from flagbench.analysis.attribution.effects import attribute as estimate  # noqa: PLC0415
    from flagbench.report.html.notebook import ShownAttribution  # noqa: PLC0415

    every = results.load(Path(results_of))
    cells = [cell for cell in every if cell.scenario == scenario]
    if not cells:
        what = f"no cells of scenario {scenario!r}"
        expected = ", ".join(sorted({cell.scenario for cell in every}))
        raise InputError(Problem(what, str(results_of), expected, results.FIX_LATEST))
    return ShownAttribution.of(estimate(arrange(cells)))
