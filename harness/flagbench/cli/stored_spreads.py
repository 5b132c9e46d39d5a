"""The spread of a metric between the stored trials of a series, by itself and against another."""

from collections.abc import Sequence

from flagbench import known_amounts
from flagbench.analysis.comparison import pairing
from flagbench.analysis.comparison.gate import Condition, Unit
from flagbench.analysis.comparison.pairing import Paired
from flagbench.analysis.statistics import planning
from flagbench.analysis.statistics.planning import Spread
from flagbench.errors import InputError, Problem
from flagbench.measurement.cell_result import CellResult


def spread(condition: Condition, cells: Sequence[CellResult]) -> Spread:
    """The spread of a gate's metric. Raises `InputError` where the trials do not show it."""
    seen = spread_of(condition, cells)
    if seen is None:
        expected = "two or more trials, all above 0 for an effect in %"
        raise InputError(Problem(unknown(condition), expected=expected))
    return seen


def unknown(condition: Condition) -> str:
    """The reason for no spread."""
    return f"the trials do not show how {condition.metric} varies"


def spread_of(condition: Condition, cells: Sequence[CellResult]) -> Spread | None:
    """The spread of a gate's metric, None where the trials do not show it."""
    return spread_of_metric(condition.metric, cells, is_percent=condition.unit is Unit.PERCENT)


def spread_of_metric(
    metric: str, cells: Sequence[CellResult], *, is_percent: bool
) -> Spread | None:
    """The spread of a metric; None for one trial, or with a value that is not known."""
    known = known_amounts.all_known(cell.per_request(metric) for cell in cells)
    return None if known is None else planning.spread(known, is_percent=is_percent)


def paired_sides(
    others: Sequence[CellResult], cells: Sequence[CellResult], against: str | None
) -> tuple[Paired | None, str]:
    """The two sides of the same recordings as `compare` pairs them, or the reason for none."""
    if against is None:
        return None, "not known without --against COMBINATION, recorded in the same trials"
    try:
        return pairing.pair(others, cells), ""
    except InputError as error:
        problem = error.problems[0]
        return None, f"not known, {against} is not of the same trials: {problem.what}"


def paired_spread(condition: Condition, paired: Paired | None) -> Spread | None:
    """The same of a gate's metric where both sides meet the same luck."""
    return paired_spread_of_metric(
        condition.metric, paired, is_percent=condition.unit is Unit.PERCENT
    )


def paired_spread_of_metric(
    metric: str, paired: Paired | None, *, is_percent: bool
) -> Spread | None:
    """The spread of a metric where both sides meet the same luck; None where it is not known."""
    if paired is None or not paired.has_all(metric):
        return None
    return planning.spread_of_pairs(pairing.values(paired.pairs, metric), is_percent=is_percent)
