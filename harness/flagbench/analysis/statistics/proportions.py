"""Two paired proportions: exact limits, their difference and ratio, adjusted for clusters.

The limits are exact for independent pairs (Clopper and Pearson). Files of one session are not
independent, so counts are first reduced to the effective number of independent pairs (`effective`),
as in the health statistics of the United States: Korn, Graubard: Confidence Intervals for
Proportions with Small Expected Number of Positive Counts, Survey Methodology 24, 1998; Parker et
al.: NCHS Data Presentation Standards for Proportions, 2017.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

# A variance below it is the rounding error of floats.
_ROUNDING = 1e-15


@dataclass(frozen=True, slots=True)
class Pairs:
    """Counts of paired yes and no; effective counts are fractions. `a` and `b` are the rates."""

    both: float
    only_a: float
    only_b: float
    neither: float

    @property
    def whole(self) -> float:
        """The number of pairs."""
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def a(self) -> float:
        """The share of yes on side A."""
        return (self.both + self.only_a) / self.whole

    @property
    def b(self) -> float:
        """The share of yes on side B."""
        return (self.both + self.only_b) / self.whole

    @property
    def difference(self) -> float:
        """b - a."""
        return (self.only_b - self.only_a) / self.whole

    def scale(self, factor: float) -> "Pairs":
        """The same shares of another number of pairs."""
        return Pairs(
            self.both * factor,
            self.only_a * factor,
            self.only_b * factor,
            self.neither * factor,
        )


def total(groups: Sequence[Pairs]) -> Pairs:
    """The sum of all counts."""
    return Pairs(
        sum(pairs.both for pairs in groups),
        sum(pairs.only_a for pairs in groups),
        sum(pairs.only_b for pairs in groups),
        sum(pairs.neither for pairs in groups),
    )


def clopper_pearson(part: float, whole: float, level: float = 0.95) -> tuple[float, float]:
    """The exact limits of a proportion; fractional counts are allowed, as in the beta function.

    Clopper, Pearson: The Use of Confidence or Fiducial Limits, Biometrika 26, 1934.
    """
    tail = (1 - level) / 2
    low = special.betaincinv(part, whole - part + 1, tail) if part > 0 else 0.0
    high = special.betaincinv(part + 1, whole - part, 1 - tail) if part < whole else 1.0
    return float(low), float(high)


def difference_limits(pairs: Pairs, level: float = 0.95) -> tuple[float, float]:
    """Limits of b - a, from the exact limits of both kinds of discordant pairs.

    b - a is the share of `only_b` minus that of `only_a`. Their Clopper-Pearson limits are combined
    by MOVER (Zou, Donner: Construction of Confidence Limits about Effect Measures, Statistics in
    Medicine 27, 2008), with the correlation of two shares of one multinomial. Unlike an interval
    from the marginals, it keeps a width where no pair is discordant.
    """
    up, down = pairs.only_b / pairs.whole, pairs.only_a / pairs.whole
    up_low, up_high = clopper_pearson(pairs.only_b, pairs.whole, level)
    down_low, down_high = clopper_pearson(pairs.only_a, pairs.whole, level)
    correlation = -math.sqrt(up * down / ((1 - up) * (1 - down))) if max(up, down) < 1 else 0.0

    def joined(near: float, far: float) -> float:
        return math.sqrt(max(0.0, near**2 + far**2 - 2 * correlation * near * far))

    low = up - down - joined(up - up_low, down_high - down)
    high = up - down + joined(up_high - up, down - down_low)
    return max(-1.0, low), min(1.0, high)


def ratio_limits(pairs: Pairs, level: float = 0.95) -> tuple[float, float]:
    """Limits of b / a: the hybrid Wilson score interval for the ratio of paired proportions.

    Bonett, Price: Confidence Intervals for a Ratio of Binomial Proportions Based on Paired Data,
    Statistics in Medicine 25, 2006; recommended by Fagerland, Lydersen, Laake, ibid. 33, 2014.
    """
    first, second = pairs.both + pairs.only_b, pairs.both + pairs.only_a
    seen = pairs.both + pairs.only_a + pairs.only_b
    if not seen:
        return 0.0, math.inf
    joint = math.sqrt((pairs.only_a + pairs.only_b + 2) / ((first + 1) * (second + 1)))
    apart = math.fsum(
        math.sqrt((1 - (part + 1) / (seen + 2)) / (part + 1)) for part in (first, second)
    )
    z = joint / apart * float(special.ndtri(1 - (1 - level) / 2))
    first_low, first_high = _wilson(first, seen, z)
    second_low, second_high = _wilson(second, seen, z)
    return first_low / second_high, first_high / second_low if second_low > 0 else math.inf


def _wilson(part: float, whole: float, z: float) -> tuple[float, float]:
    """The limits of a proportion by score. Wilson: Probable Inference, JASA 22, 1927."""
    centre = 2 * part + z**2
    reach = z * math.sqrt(z**2 + 4 * part * max(0.0, 1 - part / whole))
    return max(0.0, centre - reach) / (2 * (whole + z**2)), (centre + reach) / (2 * (whole + z**2))


def mcnemar(only_a: float, only_b: float) -> float:
    """The exact conditional p value for both kinds of discordant pairs being equally likely.

    Twice the smaller binomial tail, at most 1; fractional counts are allowed. McNemar: Note on the
    Sampling Error of the Difference Between Correlated Proportions, Psychometrika 12, 1947.
    """
    fewer, all_ = min(only_a, only_b), only_a + only_b
    if not all_:
        return 1.0
    # P(X <= k) of n fair throws is the regularised beta function I(1/2; n - k, k + 1).
    return min(1.0, 2 * float(special.betainc(all_ - fewer, fewer + 1, 0.5)))


def effective(strata: Sequence[Sequence[Pairs]], level: float = 0.95) -> float:
    """The effective share of independent pairs in clustered ones, at most 1.

    `strata` hold clusters: trials in their scenarios, or one stratum of all scenarios. The factor
    is the variance of b - a for independent pairs over that between clusters, times the squared
    ratio of Student's quantiles for pairs and for clusters. Clusters that agree more than
    independent pairs would (the same files fail every time) never count as more pairs than there
    are. Clusters without any variance count as a pair each: how much clusters vary was not seen. 0
    if there are no degrees of freedom.
    """
    pooled = total([pairs for clusters in strata for pairs in clusters])
    freedom = sum(len(clusters) - 1 for clusters in strata)
    if freedom < 1 or pooled.whole <= 1:
        return 0.0
    independent = (
        (pooled.only_a + pooled.only_b) / pooled.whole - pooled.difference**2
    ) / pooled.whole
    between = math.fsum(_variance(clusters, pooled) for clusters in strata)
    if between <= _ROUNDING:
        return min(1.0, sum(len(clusters) for clusters in strata) / pooled.whole)
    tail = 1 - (1 - level) / 2
    quantiles = special.stdtrit(pooled.whole - 1, tail) / special.stdtrit(freedom, tail)
    return min(1.0, independent / between * float(quantiles) ** 2)


def _variance(clusters: Sequence[Pairs], pooled: Pairs) -> float:
    """A stratum's part of the linearised variance of b - a between its clusters."""
    if len(clusters) < 2:
        return 0.0
    residuals = np.array(
        [pairs.only_b - pairs.only_a - pooled.difference * pairs.whole for pairs in clusters]
    )
    count = len(clusters)
    scatter = float(((residuals - residuals.mean()) ** 2).sum())
    return count / (count - 1) * scatter / pooled.whole**2
