"""The exact split of the differences of two series, over all their pairs."""

from flagbench.analysis.comparison.pairing import Paired
from flagbench.measurement import split as splits
from flagbench.measurement.split import Split


def split(paired: Paired) -> list[Split]:
    """The split of tokens, seconds and dollars, of each that every pair has.

    Two combinations differ by the calls of their flags, two recordings by luck as well.
    """
    return [part for metric in splits.METRICS if (part := _of(metric, paired)) is not None]


def _of(metric: str, paired: Paired) -> Split | None:
    if not paired.has_all(metric):
        return None
    parts = [splits.of_cells(metric, pair.a, pair.b) for pair in paired.pairs]
    return None if None in parts else splits.added(part for part in parts if part)
