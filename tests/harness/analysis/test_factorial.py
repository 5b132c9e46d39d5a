"""The arithmetic of a full design, against what is known."""

from itertools import product

import numpy as np
import pytest

from flagbench.analysis.attribution.factorial import (
    interactions,
    main_effects,
    pairs,
    shapley_values,
)


def design(flags: int) -> np.ndarray:
    """Every setting of so many flags."""
    return np.array(list(product((False, True), repeat=flags)))


def test_the_glove_game() -> None:
    """One left glove, two right ones: 2/3, 1/6 and 1/6, as every textbook has it."""
    on = design(3)
    worth = (on[:, 0] & (on[:, 1] | on[:, 2])).astype(float)
    assert shapley_values(on) @ worth == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@pytest.mark.parametrize("flags", [1, 2, 4, 6])
def test_shapley_values_add_up_to_all_minus_none(flags: int) -> None:
    """Whatever the outcomes are."""
    on = design(flags)
    outcome = np.random.default_rng(flags).normal(size=len(on))
    assert (shapley_values(on) @ outcome).sum() == pytest.approx(outcome[-1] - outcome[0])


def test_effects_of_a_linear_outcome_are_its_coefficients() -> None:
    """10 + 3a - 2b + 4ab: main effects 3 + 2 and -2 + 2, interaction 4 / 2."""
    on = design(2)
    a, b = on[:, 0].astype(float), on[:, 1].astype(float)
    outcome = 10 + 3 * a - 2 * b + 4 * a * b
    assert main_effects(on) @ outcome == pytest.approx([5.0, 0.0])
    assert interactions(on) @ outcome == pytest.approx([2.0])
    assert shapley_values(on) @ outcome == pytest.approx([5.0, 0.0])


def test_pairs_are_told_once() -> None:
    """In the order in which interactions are."""
    assert list(pairs(3)) == [(0, 1), (0, 2), (1, 2)]
