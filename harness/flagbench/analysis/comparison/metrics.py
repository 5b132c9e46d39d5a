"""What is said of one metric of two series."""

from dataclasses import dataclass

from scipy import special

from flagbench.analysis.comparison.gate import POWER
from flagbench.analysis.statistics.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Limited:
    """A number and its 95 % limits, None where these recordings cannot tell."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One metric. Amounts are per request, rates are fractions of all files.

    `difference` is B - A. `ratio` is B / A: of an amount the geometric mean over the scenarios of
    the ratio of their means, of a rate the ratio of both rates. `effect` is the matched-pairs
    rank-biserial correlation (`r`) or Cohen's h (`h`). `method` says where the limits come from,
    `units` how many pairs the effect is of. `smallest` and `smallest_ratio` are the smallest
    difference, and share of A, that would be found in 4 of 5 such comparisons.
    """

    metric: str
    a: float
    b: float
    difference: Limited
    ratio: Limited
    effect_name: str
    effect: float
    units: int
    p: float | None
    p_holm: float | None
    method: str
    smallest: float | None
    smallest_ratio: float | None


def smallest_effect(low: float | None, high: float | None, freedom: float) -> float | None:
    """The smallest effect that such a comparison finds in 4 of 5 cases, from its interval.

    The half width is a quantile of Student's t times the standard error; the smallest detectable
    effect is that quantile plus the one of the power. Bloom: Minimum Detectable Effects, Evaluation
    Review 19, 1995.
    """
    if low is None or high is None or freedom <= 0:
        return None
    certain, powerful = (special.stdtrit(freedom, x) for x in (1 - (1 - LEVEL) / 2, POWER))
    return float((high - low) / 2 * (certain + powerful) / certain)
