"""The exact split of the differences of two series, over all their pairs."""

from flagbench.analysis.comparison.pairing import Pair, Paired
from flagbench.measurement import split as splits
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
    parts = [_of_pair(metric, pair) for pair in paired.pairs]
    return None if None in parts else splits.added(part for part in parts if part)


def _of_pair(metric: str, pair: Pair) -> Split | None:
    a, b = pair.a.amount(metric), pair.b.amount(metric)
    # Cells that were written down by hand or by another program have no steps.
    has_steps = all(cell.steps or not cell.calls for cell in (pair.a, pair.b))
    if a is None or b is None or not has_steps:
        return None
    return splits.split(metric, b - a, unpacked(pair.a.steps), unpacked(pair.b.steps))
