"""Paired proportions, against R and scipy, and their coverage by counting every outcome."""

import math
from itertools import product

import pytest
from scipy import stats

from flagbench.analysis.statistics import proportions
from flagbench.analysis.statistics.proportions import Pairs

# Complete response before and after consolidation therapy (Cavo et al., 2012), the table on which
# the R package contingencytables (Fagerland, Lydersen, Laake) is tested; its rows are B here.
CAVO = Pairs(both=59, only_a=16, only_b=6, neither=80)


def test_exact_limits_are_those_of_r_and_scipy() -> None:
    """R: 13 of 16 is 0.5435 to 0.9595; 10 of 10 is 0.6915 to 1."""
    assert proportions.clopper_pearson(13, 16) == pytest.approx((0.5435, 0.9595), abs=5e-5)
    assert proportions.clopper_pearson(10, 10) == pytest.approx((0.6915, 1.0), abs=5e-5)
    assert proportions.clopper_pearson(0, 10) == pytest.approx((0.0, 0.3085), abs=5e-5)
    expected = stats.binomtest(7, 24).proportion_ci(0.95, method="exact")
    assert proportions.clopper_pearson(7, 24) == pytest.approx((expected.low, expected.high))


def test_the_ratio_is_that_of_r() -> None:
    """contingencytables: estimate 0.8667, Bonett-Price hybrid Wilson 0.7579 to 0.9910."""
    assert CAVO.b / CAVO.a == pytest.approx(0.8667, abs=5e-5)
    assert proportions.ratio_limits(CAVO) == pytest.approx((0.7579, 0.9910), abs=5e-5)


def test_mcnemar_is_that_of_r_and_scipy() -> None:
    """contingencytables: P = 0.052479, the exact conditional test."""
    assert proportions.mcnemar(16, 6) == pytest.approx(0.052479, abs=5e-7)
    assert proportions.mcnemar(16, 6) == pytest.approx(stats.binomtest(6, 22).pvalue)
    assert proportions.mcnemar(3, 3) == 1.0
    assert proportions.mcnemar(0, 0) == 1.0


def test_the_difference_is_near_what_r_has() -> None:
    """contingencytables: Tango -0.1240 to -0.0054; limits from exact ones are a little wider."""
    low, high = proportions.difference_limits(CAVO)
    assert -0.13 < low < -0.1240
    assert -0.0054 < high < 0.0


def test_the_difference_has_a_width_where_nothing_differs() -> None:
    """All agree in 24 of 24 pairs: about three in 24 on either side."""
    low, high = proportions.difference_limits(Pairs(24, 0, 0, 0))
    assert high == pytest.approx(-low)
    assert high == pytest.approx(1 - 0.025 ** (1 / 24))


@pytest.mark.parametrize("whole", [10, 24])
def test_the_difference_covers_the_truth_by_counting(whole: int) -> None:
    """Over every outcome of a multinomial, at least 95 % of the chance is covered."""
    for only_a, only_b in product((0.02, 0.1, 0.3), repeat=2):
        covered = 0.0
        for x, y in product(range(whole + 1), repeat=2):
            if x + y <= whole:
                low, high = proportions.difference_limits(Pairs(0, x, y, whole - x - y))
                if low <= only_b - only_a <= high:
                    shares = [only_a, only_b, 1 - only_a - only_b]
                    covered += stats.multinomial.pmf([x, y, whole - x - y], whole, shares)
        assert covered >= 0.95


def test_limits_stay_within_what_is_possible() -> None:
    """At the ends, and with fractions of pairs."""
    for pairs in (Pairs(0, 3, 0, 0), Pairs(0, 0, 0.4, 0.2), Pairs(2, 0, 0, 0), Pairs(0, 0, 0, 5)):
        low, high = proportions.difference_limits(pairs)
        assert -1 <= low <= pairs.difference <= high <= 1
        low, high = proportions.ratio_limits(pairs)
        assert 0 <= low <= high


def test_a_ratio_without_any_yes_says_nothing() -> None:
    """It may be anything."""
    assert proportions.ratio_limits(Pairs(0, 0, 0, 9)) == (0.0, math.inf)


@pytest.mark.parametrize("pairs", [Pairs(10, 0, 2, 0), Pairs(12, 0, 0, 0), Pairs(0.1, 0, 0.2, 0)])
def test_clusters_without_variance_are_worth_a_pair_each(pairs: Pairs) -> None:
    """Whatever their sizes: the same share fails every time, or none; never more than there are."""
    clusters = [pairs.scale(size) for size in (1, 1, 2, 3, 3)]
    worth = proportions.effective([clusters]) * proportions.total(clusters).whole
    assert worth == pytest.approx(min(5, proportions.total(clusters).whole))


def test_clusters_that_hardly_differ_are_worth_no_more_pairs_than_there_are() -> None:
    """Less variance than independent pairs would have is luck."""
    clusters = [Pairs(10, 0, 2, 0)] * 40 + [Pairs(10, 0, 3, 0)]
    assert 0.9 < proportions.effective([clusters]) <= 1.0


def test_clusters_that_differ_are_worth_less() -> None:
    """All or nothing in each of six: worth fewer pairs than there are clusters."""
    clusters = [Pairs(0, 0, 10, 0), Pairs(10, 0, 0, 0)] * 3
    worth = proportions.effective([clusters]) * 60
    assert 2 < worth < 6


def test_one_cluster_is_worth_nothing() -> None:
    """It does not show how clusters vary."""
    assert proportions.effective([[CAVO]]) == 0.0


def test_the_cluster_variance_is_the_textbooks() -> None:
    """Cochran, Sampling Techniques, 3rd ed. 1977, section 3.12: of a ratio, linearised."""
    clusters = [Pairs(8, 0, 2, 0), Pairs(5, 1, 4, 0), Pairs(9, 1, 0, 0), Pairs(6, 0, 4, 0)]
    mean = 8 / 40
    residuals = [2 - 2, 3 - 2, -1 - 2, 4 - 2]
    between = 4 / 3 * sum(x**2 for x in residuals) / 40**2
    independent = (12 / 40 - mean**2) / 40
    quantiles = (stats.t.ppf(0.975, 39) / stats.t.ppf(0.975, 3)) ** 2
    expected = independent / between * quantiles
    assert proportions.effective([clusters]) == pytest.approx(expected)
