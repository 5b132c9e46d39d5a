"""Pairing, and what is refused."""

from typing import Any

import pytest
from made_cells import PATHS, cell

from flagbench.analysis.comparison import pairing
from flagbench.analysis.comparison.pairing import Pair
from flagbench.analysis.statistics.proportions import Pairs
from flagbench.errors import InputError


def test_cells_are_paired_by_scenario_and_trial() -> None:
    """Whatever their order; a scenario of one side is left out and named."""
    a = [cell(trial=2), cell(trial=1), cell(scenario="lonely")]
    b = [cell("all", trial=1), cell("all", trial=2)]
    found = pairing.pair(a, b)
    assert [(one.a.trial, one.b.trial) for one in found.pairs] == [(1, 1), (2, 2)]
    assert found.left_out == ("lonely",)


@pytest.mark.parametrize(
    ("name", "other", "words"),
    [
        ("cassette", {"cassette": "f" * 64}, "the cassette differs: A has one-1"),
        ("tokenizer", {"tokenizer": "cl100k_base"}, "the tokenizer differs"),
        ("prices", {"price_since": "2026-01-01"}, "the price table differs"),
        ("model", {"model": "gpt-4o"}, "the model differs"),
        ("provider", {"provider": "openai"}, "the provider differs"),
        ("requests", {"tokens": (1, 2)}, "the scenario's requests differs"),
        ("flags", {"flags": ("cache",)}, "the set of flags differs"),
    ],
)
def test_an_undeclared_difference_is_refused(name: str, other: dict[str, Any], words: str) -> None:
    """With what differs, where, and how it would be declared; declared, it passes."""
    a, b = [cell()], [cell("all", **other)]
    with pytest.raises(InputError) as caught:
        pairing.pair(a, b)
    told = str(caught.value)
    assert words in told
    assert "one, trial 1" in told
    assert f"--declare {name}" in told
    assert pairing.pair(a, b, [name]).declared == (name,)


def test_every_difference_is_told_at_once() -> None:
    """Two kinds, over two trials."""
    a = [cell(trial=1), cell(trial=2)]
    b = [cell("all", trial=t, model="x", tokenizer="y") for t in (1, 2)]
    with pytest.raises(InputError) as caught:
        pairing.pair(a, b)
    assert [one.where for one in caught.value.problems] == ["one, trial 1, 2"] * 2


def test_trials_of_one_side_alone_are_refused() -> None:
    """They have no pair, and leaving them out would choose among recordings."""
    with pytest.raises(InputError, match="A has the trials 1, 2; B has 1"):
        pairing.pair([cell(trial=1), cell(trial=2)], [cell("all", trial=1)])


def test_a_cell_that_is_there_twice_is_refused() -> None:
    """Two combinations on one side."""
    with pytest.raises(InputError, match="several cells"):
        pairing.pair([cell(), cell("cache")], [cell("all")])


def test_series_without_a_common_scenario_are_refused() -> None:
    """Both sides are told."""
    with pytest.raises(InputError, match="A has one; B has two"):
        pairing.pair([cell()], [cell(scenario="two")])


def test_files_are_counted_by_what_became_of_them_on_both_sides() -> None:
    """One refuted on both sides, one on A alone."""
    one = Pair(cell(refuted=PATHS[:2]), cell("all", refuted=PATHS[1:2], refused=PATHS[:1]))
    assert pairing.files(one, "acceptance") == Pairs(both=2, only_a=0, only_b=1, neither=1)
    assert pairing.files(one, "approval") == Pairs(both=3, only_a=1, only_b=0, neither=0)


def test_acceptance_needs_the_same_files_proven() -> None:
    """Neither nothing nor different numbers."""
    unproven = cell(rates={"approval_rate": (4, 4)})
    with pytest.raises(ValueError, match="trial 1: no file was proven"):
        pairing.files(Pair(unproven, unproven), "acceptance")
    more = cell("all", rates={"acceptance_rate": (5, 5)})
    with pytest.raises(ValueError, match="did not prove the same files"):
        pairing.files(Pair(cell(), more), "acceptance")


def test_a_request_that_needed_no_call_used_nothing() -> None:
    """It is 0, not missing."""
    quiet = cell(tokens=(5, 5), by_request={})
    assert pairing.request_usage(quiet, "one-01", "tokens") == 0
    assert pairing.request_usage(cell(tokens=(5,)), "one-01", "tokens") == 5
