"""Holm's correction."""

import pytest

from harness.compare.multiple import holm


def test_holm_is_that_of_r() -> None:
    """R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_what_was_not_tested_does_not_count() -> None:
    """It stays None and takes no share; no p value is above 1."""
    assert holm([None, 0.02, None, 0.9]) == [None, 0.04, None, 0.9]
    assert holm([0.7, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
