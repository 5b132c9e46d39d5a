"""Effect sizes and ranks, against scipy."""

import numpy as np
import pytest
from scipy import stats

from flagbench.analysis.statistics import effect_sizes

DRAW = np.random.default_rng(3)


def test_ranks_are_scipys() -> None:
    """With many ties."""
    values = DRAW.integers(0, 6, 40).astype(float)
    assert effect_sizes.ranks(values) == pytest.approx(stats.rankdata(values))


def test_rank_biserial_is_wilcoxons_sums_of_ranks() -> None:
    """(W+ - W-) / (W+ + W-), W- from scipy."""
    apart = DRAW.normal(0.5, 1, 15)
    fell = stats.wilcoxon(-apart, alternative="greater").statistic
    total = 15 * 16 / 2
    assert effect_sizes.rank_biserial(apart) == pytest.approx((total - 2 * fell) / total)


def test_rank_biserial_at_its_ends() -> None:
    """All rose, all fell, none moved; what did not move is left out."""
    assert effect_sizes.rank_biserial(np.array([1.0, 2.0, 0.0])) == 1.0
    assert effect_sizes.rank_biserial(np.array([-1.0, -2.0])) == -1.0
    assert effect_sizes.rank_biserial(np.zeros(3)) == 0.0


def test_cohens_h_is_the_books() -> None:
    """Cohen 1988, table 6.2.2: phi of 0.65 is 1.875, of 0.45 is 1.471."""
    assert effect_sizes.cohens_h(0.45, 0.65) == pytest.approx(1.875 - 1.471, abs=1e-3)
    assert effect_sizes.cohens_h(1.0, 1.0) == 0.0


def test_holm_is_that_of_r() -> None:
    """R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02."""
    assert effect_sizes.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_what_was_not_tested_does_not_count() -> None:
    """It stays None and takes no share; no p value is above 1."""
    assert effect_sizes.holm([None, 0.02, None, 0.9]) == [None, 0.04, None, 0.9]
    assert effect_sizes.holm([0.7, 0.8]) == [1.0, 1.0]
    assert effect_sizes.holm([]) == []
