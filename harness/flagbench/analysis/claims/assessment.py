"""Assessment of claims: confirmed, refuted, undecided or exceeded, or not measurable here."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from flagbench.analysis.claims.claim import PATH, Amount, Claim, Rate, Reduction, load
from flagbench.analysis.comparison import pairing
from flagbench.analysis.comparison.amounts import proven
from flagbench.analysis.comparison.pairing import Pair
from flagbench.analysis.statistics import intervals, proportions
from flagbench.analysis.statistics.intervals import About, Method, Values
from flagbench.analysis.statistics.proportions import Pairs
from flagbench.errors import InputError
from flagbench.measurement import results as stored
from flagbench.measurement.cell_result import CellResult

# Results are rounded to their last stored decimal; that much is within a claim.
_TOLERANCE = 1e-9


class ClaimOutcome(StrEnum):
    """The outcome of assessing a claim, by the interval of what was measured.

    CONFIRMED lies wholly within the bounds. EXCEEDED lies wholly above a range, which says nothing
    of better or worse. REFUTED lies wholly below a lower bound, or above an upper one that has no
    lower. UNDECIDED includes a bound, or has no interval.
    """

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    EXCEEDED = "exceeded"
    NOT_MEASURABLE = "not measurable here"


@dataclass(frozen=True, slots=True)
class AssessedClaim:
    """A claim assessed in one scenario. Shares and rates are fractions, amounts in their own unit.

    `low` and `high` are the 95 % limits over the trials, None with one trial, or where all trials
    are the same without the same calls to prove it. `off` is the distance
    of the value below (negative) or above the claimed range, 0 within it. `reason` says why the
    claim was not measured.
    """

    claim: Claim
    title: str
    scenario: str
    finding: ClaimOutcome
    value: float | None = None
    low: float | None = None
    high: float | None = None
    trials: int = 0
    off: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Measured:
    value: float
    low: float | None
    high: float | None
    trials: int


class _NotMeasured(Exception):  # noqa: N818  it carries a reason, not an error
    """Raised with the reason why the results do not measure a claim."""


def assess(
    cells: Iterable[CellResult], *, scenario: str | None = None, path: Path = PATH
) -> tuple[AssessedClaim, ...]:
    """Assess every claim in each scenario that it names, or in `scenario` alone.

    With `scenario`, claims that do not name it are left out. Returns nothing if the file of claims
    does not exist; raises `InputError` if it is invalid.
    """
    sources, claims = load(path)
    by_scenario: dict[str, list[CellResult]] = {}
    for cell in cells:
        by_scenario.setdefault(cell.scenario, []).append(cell)
    assessed: list[AssessedClaim] = []
    for claim in claims:
        title = sources[claim.source].title
        if claim.measure is not None:
            names = [name for name in claim.scenarios if scenario in (None, name)]
            assessed.extend(
                _assess(claim, title, name, by_scenario.get(name, [])) for name in names
            )
        elif scenario is None:
            why = claim.why_not
            assessed.append(
                AssessedClaim(claim, title, "", ClaimOutcome.NOT_MEASURABLE, reason=why)
            )
    return tuple(assessed)


def _assess(claim: Claim, title: str, scenario: str, cells: Sequence[CellResult]) -> AssessedClaim:
    try:
        measured = _measure(claim, cells)
    except _NotMeasured as error:
        return AssessedClaim(claim, title, scenario, ClaimOutcome.NOT_MEASURABLE, reason=str(error))
    off = 0.0
    if claim.low is not None and measured.value < claim.low - _TOLERANCE:
        off = measured.value - claim.low
    elif claim.high is not None and measured.value > claim.high + _TOLERANCE:
        off = measured.value - claim.high
    return AssessedClaim(
        claim=claim,
        title=title,
        scenario=scenario,
        finding=_outcome(claim, measured),
        value=measured.value,
        low=measured.low,
        high=measured.high,
        trials=measured.trials,
        off=off,
    )


def _outcome(claim: Claim, measured: _Measured) -> ClaimOutcome:
    if measured.low is None or measured.high is None:
        return ClaimOutcome.UNDECIDED
    lowest = -math.inf if claim.low is None else claim.low - _TOLERANCE
    highest = math.inf if claim.high is None else claim.high + _TOLERANCE
    if lowest <= measured.low and measured.high <= highest:
        return ClaimOutcome.CONFIRMED
    if measured.high < lowest:
        return ClaimOutcome.REFUTED
    if measured.low > highest:
        return ClaimOutcome.REFUTED if claim.low is None else ClaimOutcome.EXCEEDED
    return ClaimOutcome.UNDECIDED


def _measure(claim: Claim, cells: Sequence[CellResult]) -> _Measured:
    if isinstance(claim.measure, Reduction):
        return _reduction(claim.measure, cells)
    if isinstance(claim.measure, Amount):
        return _amount(claim.measure, cells)
    if isinstance(claim.measure, Rate):
        return _rate(claim.measure, cells)
    raise _NotMeasured(claim.why_not)


def _series(cells: Sequence[CellResult], combination: str) -> list[CellResult]:
    name = stored.find_combination(combination, {cell.combination for cell in cells})
    if name is None:
        raise _NotMeasured(f"the results have no series {combination}")
    return sorted((cell for cell in cells if cell.combination == name), key=lambda cell: cell.trial)


def _reduction(measure: Reduction, cells: Sequence[CellResult]) -> _Measured:
    before, after = _series(cells, measure.before), _series(cells, measure.after)
    try:
        paired = pairing.pair(before, after)
    except InputError as error:
        raise _NotMeasured(error.problems[0].what) from error
    pairs = paired.pairs
    if not paired.has_all(measure.metric):
        raise _NotMeasured(pairing.why_unknown(measure.metric))
    group = (
        _changed_tokens(pairs)
        if measure.requests == "changed"
        else pairing.values(pairs, measure.metric)
    )
    try:
        log = proven(intervals.log_ratio([group], About.TRIALS), paired)
    except ValueError as error:
        raise _NotMeasured(str(error)) from error
    low, high = (None if x is None else 1 - math.exp(x) for x in (log.high, log.low))
    return _Measured(1 - math.exp(log.value), low, high, len(group))


def _changed_tokens(pairs: Sequence[Pair]) -> Values:
    """Tokens of each trial, summed over the requests whose tokens differ; shape (trials, 2)."""
    sums = []
    for pair in pairs:
        both = [
            tuple(pairing.request_usage(cell, request, "tokens") for cell in (pair.a, pair.b))
            for request in pair.requests()
        ]
        changed = [(a, b) for a, b in both if a != b]
        if changed:
            sums.append((math.fsum(a for a, _ in changed), math.fsum(b for _, b in changed)))
    if not sums:
        raise _NotMeasured("no request changed")
    return np.array(sums, dtype=np.float64)


def _amount(measure: Amount, cells: Sequence[CellResult]) -> _Measured:
    series = _series(cells, measure.of)
    values = [cell.per_request(measure.metric) for cell in series]
    if None in values:
        raise _NotMeasured(pairing.why_unknown(measure.metric))
    mean = intervals.mean(np.array(values, dtype=np.float64))
    if mean.method is Method.CONSTANT:
        return _Measured(mean.value, None, None, len(series))
    return _Measured(mean.value, mean.low, mean.high, len(series))


def _rate(measure: Rate, cells: Sequence[CellResult]) -> _Measured:
    """The rate pooled over the trials, with exact limits for its effective sample size."""
    series = _series(cells, measure.of)
    counts = [cell.rates.get(measure.metric, (0, 0)) for cell in series]
    # A single rate is coded as pairs whose A side is never a yes.
    clusters = [Pairs(0, 0, part, whole - part) for part, whole in counts if whole]
    if not clusters:
        raise _NotMeasured(f"the series {measure.of} counted nothing for {measure.metric}")
    pooled = proportions.total(clusters)
    factor = proportions.effective([clusters])
    if not factor:
        return _Measured(pooled.b, None, None, len(series))
    low, high = proportions.clopper_pearson(pooled.only_b * factor, pooled.whole * factor)
    return _Measured(pooled.b, low, high, len(series))
