"""The comparison of one metric between two series."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limited:
    """A number and its 95 % limits, None where the recordings do not determine them."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """The comparison of one metric. Amounts are per request, rates are fractions of all files.

    `weight` says what counts the same: every scenario or every file. `difference` is B - A. `ratio`
    is B / A: for an amount the geometric mean over the scenarios of the ratio of their means, for a
    rate the ratio of the pooled rates. `effect` is the matched-pairs rank-biserial correlation
    (`r`) or Cohen's h (`h`), over `units` pairs. `method` and `ratio_method` name the sources of
    the limits, `freedom` and `ratio_freedom` are their degrees of freedom. `repetitions` counts the
    trials of the scenario with the fewest, or the scenarios. `smallest` and `smallest_ratio` are
    the distances from 0, and from 0 % of A, that 4 of 5 such comparisons would show.
    """

    metric: str
    weight: str
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
    ratio_method: str
    freedom: float
    ratio_freedom: float
    repetitions: int
    smallest: float | None
    smallest_ratio: float | None
