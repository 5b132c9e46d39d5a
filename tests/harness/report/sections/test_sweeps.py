"""Sweeps: a column for each trial, a row for each figure, counts where they are of files."""

from dataclasses import replace

import made_cells
from whole_run import run, series

from flagbench.measurement.cell_result import CellResult
from flagbench.report.sections import sweeps
from flagbench.report.series_report import RunReport, SeriesReport


def cell(trial: int, seconds: float, tokens: int, **rates: tuple[int, int]) -> CellResult:
    """A cell; of its rates some stay the same."""
    same = {"hits_rate": (1, 2), "approval_rate": (5, 5)}
    return made_cells.cell(trial=trial, seconds=seconds, tokens=(tokens,), rates=same | rates)


def swept(combination: str) -> SeriesReport:
    """Two trials at another rate each; the second one is written first."""
    scores = [(9000, 10000), (4000, 10000)]
    first = cell(
        1, 1200.0, 1000, recovery_rate=(0, 0), acceptance_rate=(1, 1), score_rate=scores[0]
    )
    last = cell(2, 61.25, 20500, recovery_rate=(2, 3), acceptance_rate=(0, 1), score_rate=scores[1])
    settings = {"hang": [0.0, 0.35], "defects": [1.0, 16.0]}
    return replace(series(combination), cells=[last, first], swept=settings)


def test_a_column_is_a_trial() -> None:
    """With its settings; what stays the same is left out, approval and acceptance never."""
    part = sweeps.part(RunReport.of([swept("none")]))
    assert part is not None
    (grid,) = part.grids
    assert grid.columns == ("series", "figure", "hang 0, defects 1", "hang 0.35, defects 16")
    assert list(grid.rows) == [
        ("none", "seconds", "1,200.0", "61.2"),
        ("none", "tokens", "1,000", "20,500"),
        ("none", "acceptance", "100% of 1", "0% of 1"),
        ("none", "approval", "100% of 5", "100% of 5"),
        ("none", "recovery", "n/a", "67% of 3"),
        ("none", "score", "90%", "40%"),
    ]


def test_every_series_has_its_rows() -> None:
    """One that could not run has none."""
    lost = replace(swept("all"), cells=())
    part = sweeps.part(RunReport.of([swept("none"), swept("cache"), lost]))
    assert part is not None
    assert {row[0] for row in part.grids[0].rows} == {"none", "cache"}
    assert sweeps.part(RunReport.of([lost])) is None


def test_what_sweeps_nothing_has_no_table() -> None:
    """As most scenarios do."""
    assert sweeps.part(run()) is None
