"""Remarks on tokens in a verdict."""

from typing import Any

import pytest
from made_cells import cell

from flagbench.report.text.token_remark import remark


def sources(prompt: str, completion: str, tokens: str) -> dict[str, Any]:
    """The sources of a cell's tokens."""
    names = ("prompt_tokens", "completion_tokens", "tokens")
    return {"tokens_source": dict(zip(names, (prompt, completion, tokens), strict=True))}


def compared(difference: tuple[int, int], counted: tuple[int, int] = (1000, 100)) -> dict[str, Any]:
    """What the provider has more than was counted."""
    names = ("prompt_tokens", "completion_tokens")
    return {
        "usage_difference": dict(zip(names, difference, strict=True)),
        "usage_compared": dict(zip(names, counted, strict=True)),
    }


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({}, ""),
        (sources("reported", "reported", "reported"), "tokens: reported"),
        (sources("counted", "reported", "mixed"), "tokens: mixed (completion reported)"),
        (sources("mixed", "mixed", "mixed"), "tokens: mixed (prompt mixed, completion mixed)"),
        (compared((20, -2)), ""),
        (compared((21, 0)), "provider reports +2.1% prompt tokens"),
        (compared((-500, 3)), "provider reports -50.0% prompt, +3.0% completion tokens"),
        (compared((0, 5), (1000, 0)), "provider reports +5 completion tokens"),
        (compared((0, 0), (0, 0)), ""),
        (
            {**sources("counted", "reported", "mixed"), **compared((100, 0))},
            "tokens: mixed (completion reported); provider reports +10.0% prompt tokens",
        ),
    ],
)
def test_a_remark_is_made_beyond_two_percent_or_where_not_counted(
    figures: dict[str, Any], said: str
) -> None:
    """And on nothing else."""
    assert remark([cell(**figures)]) == said


def test_a_remark_is_on_all_trials() -> None:
    """What one provider's answers have more, another's may have less: the sum is what is shown."""
    cells = [cell(trial=1, **compared((30, 0))), cell(trial=2, **compared((-25, 0)))]
    assert remark(cells) == ""
    mixed = [cell(), cell(trial=2, **sources("reported", "reported", "reported"))]
    assert remark(mixed) == "tokens: mixed (prompt mixed, completion mixed)"
