"""Runs of a suite that decide: their order is not to be guessed, however mutants are spread."""

from fractions import Fraction
from functools import cache
from math import comb

from flagbench.acceptance.mutants import MUTANTS
from flagbench.acceptance.suite_runs import MUTANT_RUNS, null_runs

# An accepted suite catches so many.
HALF = len(MUTANTS) // 2


@cache
def best_guess(mutants: int, wanted: int) -> Fraction:
    """The chance of a suite that spreads its mutants over items as it likes, and fails at will.

    An item is to fail in all runs with each of the mutants that it bets on, and in no other run.
    """
    if wanted <= 0:
        return Fraction(1)
    return max(
        (
            Fraction(comb(own, bets), comb(MUTANT_RUNS * own + null_runs(own), MUTANT_RUNS * bets))
            * best_guess(mutants - own, wanted - bets)
            for own in range(1, mutants + 1)
            for bets in range(1, own + 1)
        ),
        default=Fraction(0),
    )


def test_half_of_the_mutants_are_not_caught_by_guessing() -> None:
    """Nor is it any likelier with few items than with many."""
    assert best_guess(len(MUTANTS), HALF) == Fraction(1, 3003)
