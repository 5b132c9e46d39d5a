"""The comparison of one metric between two series."""

from dataclasses import dataclass

from scipy import special

from flagbench.analysis.comparison.gate import POWER
from flagbench.analysis.statistics.intervals import LEVEL


@dataclass(frozen=True, slots=True)
class Limited:
    """A number and its 95 % limits, None where the recordings do not determine them."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """The comparison of one metric. Amounts are per request, rates are fractions of all files.

    `difference` is B - A. `ratio` is B / A: for an amount the geometric mean over the scenarios of
    the ratio of their means, for a rate the ratio of the pooled rates. `effect` is the
    matched-pairs rank-biserial correlation (`r`) or Cohen's h (`h`), over `units` pairs. `method`
    names the source of the limits. `smallest` and `smallest_ratio` are the smallest difference, and
    share of A, that 4 of 5 such comparisons would detect.
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
    """The smallest effect that 4 of 5 such comparisons detect, derived from the interval's width.

    The half width is a quantile of Student's t times the standard error; the smallest detectable
    effect is the sum of that quantile and the quantile of the power, times the standard error.
    Bloom: Minimum Detectable Effects, Evaluation Review 19, 1995.
    """
    if low is None or high is None or freedom <= 0:
        return None
    certain, powerful = (special.stdtrit(freedom, x) for x in (1 - (1 - LEVEL) / 2, POWER))
    return float((high - low) / 2 * (certain + powerful) / certain)
