"""The trials of a series become a summary."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from house import House

from flagbench.measurement.cell_result import NOT_COUNTED, CellResult, Rate
from flagbench.measurement.summary import amounts, summarise


@pytest.fixture
def cell(house: House) -> Callable[..., CellResult]:
    """Replays one cell of the tiny scenario."""

    def measured(combination: str = "none", trial: int = 1) -> CellResult:
        scenario = house.scenario
        (chosen,) = (one for one in scenario.combinations if one.id == combination)
        return house.runner().cell_runner.cell(scenario, chosen, trial).measurement

    return measured


def test_a_summary_has_means_of_amounts_and_pooled_rates(
    cell: Callable[..., CellResult],
) -> None:
    """Over trials that differ."""
    first = cell()
    second = replace(first, tokens=first.tokens + 10, rates={"approval_rate": Rate(0, 1)}, trial=2)
    summary = summarise([first, second], [first, first])
    assert (summary.scenario, summary.combination, summary.trials, summary.requests) == (
        "tiny", "none", 2, 3,
    )  # fmt: skip
    assert summary.metrics["tokens"] == first.tokens + 5
    assert summary.metrics["approval_rate"] == 0.75
    assert summary.metrics["short_rate"] == 0
    assert summary.metrics["token_reduction"] == round(-5 / first.tokens, 6)
    assert summary.metrics["time_reduction"] == 0


def test_reductions_are_against_the_control(cell: Callable[..., CellResult]) -> None:
    """Tokens, seconds and dollars, as a share of the control's."""
    control, row = cell(), cell("all")
    metrics = summarise([row], [control]).metrics
    assert metrics["token_reduction"] == round(1 - row.tokens / control.tokens, 6)
    assert metrics["time_reduction"] == round(1 - row.seconds / control.seconds, 6)
    assert metrics["cost_reduction"] == round(1 - row.usd / control.usd, 6)
    assert str(summarise([control], [control]).metrics["token_reduction"]) == "0.0"


def test_a_reduction_of_almost_nothing_has_no_minus(cell: Callable[..., CellResult]) -> None:
    """Rounded to nothing it is 0.0, so that the same results are the same bytes."""
    row = replace(cell(), tokens=10**9)
    metrics = summarise([replace(row, tokens=10**9 + 1)], [row]).metrics
    assert str(metrics["token_reduction"]) == "0.0"


def test_a_reduction_of_an_unknown_amount_is_unknown(cell: Callable[..., CellResult]) -> None:
    """A series may call a model without a price, which its control does not call."""
    first = cell()
    summary = summarise([first, replace(first, usd=None)], [first, first])
    assert "cost_reduction" not in summary.metrics
    assert summary.metrics["token_reduction"] == 0


def test_what_was_not_measured_is_left_out(cell: Callable[..., CellResult]) -> None:
    """No price, no dollars; nothing counted, no rate; nothing spent, no reduction."""
    row = replace(cell(), usd=None, rates={"cache_hit_rate": NOT_COUNTED})
    metrics = summarise([row], [row]).metrics
    assert {"usd", "cost_reduction", "cache_hit_rate"}.isdisjoint(metrics)
    free = replace(row, tokens=0, seconds=0.0)
    assert {"token_reduction", "time_reduction"}.isdisjoint(summarise([free], [free]).metrics)
    assert amounts([row, replace(row, usd=1.0)]).get("usd") is None
