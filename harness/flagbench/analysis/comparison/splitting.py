"""The exact split of the differences of two series, over all their pairs."""

from flagbench.analysis.comparison.pairing import Paired
from flagbench.measurement import split as splits
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.costed_steps import unpacked
from flagbench.measurement.split import Split


def split(paired: Paired) -> list[Split]:
    """The split of tokens, seconds and dollars, of each that every pair has.

    Two combinations differ by the calls of their flags, two recordings by luck as well.
    """
    return [part for metric in splits.METRICS if (part := _of(metric, paired)) is not None]


def _of(metric: str, paired: Paired) -> Split | None:
    if not paired.has_all(metric):
        return None
    parts = [of_cells(metric, pair.a, pair.b) for pair in paired.pairs]
    return None if None in parts else splits.added(part for part in parts if part)


def of_cells(metric: str, first: CellResult, second: CellResult) -> Split | None:
    """The split of the difference of two cells of any trials, None where it is not known."""
    a, b = first.amount(metric), second.amount(metric)
    # Cells that were written down by hand or by another program have no steps.
    has_steps = all(cell.steps or not cell.calls for cell in (first, second))
    if a is None or b is None or not has_steps:
        return None
    was, now = (
        [step._replace(trial=0) for step in unpacked(cell.steps)] for cell in (first, second)
    )
    return splits.split(metric, b - a, was, now)
