"""Only a whole rate is shown as 100 %, and only none as 0 %, in every report."""

from dataclasses import replace

import pytest
from whole_run import run, series

from flagbench.analysis.attribution.effects import Effect
from flagbench.report.html.costs import costs
from flagbench.report.sections.formatting import amount
from flagbench.report.text import (
    attribution_grid,
    comparison_grid,
    dashboard,
    in_short,
    markdown,
    table,
)
from flagbench.report.unused_files import Unused
from flagbench.shown_numbers import chance, number, rate, shown_amount

# A refuted file of 240.
ALMOST = 239 / 240


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (1.0, 0, "100%"), (0.0, 0, "0%"), (0.5, 0, "50%"), (0.994, 0, "99%"), (1.2, 0, "120%"),
        (ALMOST, 0, "99.6%"), (1 / 240, 0, "0.4%"), (2399 / 2400, 0, "99.96%"),
        (ALMOST, 1, "99.6%"), (2399 / 2400, 1, "99.96%"), (1.0, 1, "100.0%"), (0.0, 1, "0.0%"),
        (1 - 1e-12, 0, "100%"), (1e-12, 0, "0%"), (1.001, 0, "100%"), (0.005, 0, "0.5%"),
    ],
)  # fmt: skip
def test_a_rate(value: float, decimals: int, shown: str) -> None:
    """Has as many decimals as asked for, and more only where it would be whole or none."""
    assert rate(value, decimals) == shown
    assert number(value, f".{decimals}%") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "50%"), (0.994, "99%"), (0.997, "99.7%"), (0.9995, ">99.9%"), (1.0, ">99.9%"),
        (0.004, "0.4%"), (0.0004, "<0.1%"), (0.0, "<0.1%"), (0.999, "99.9%"), (0.001, "0.1%"),
    ],
)  # fmt: skip
def test_a_chance(value: float, shown: str) -> None:
    """Is an estimate, and neither certain nor impossible, however it was computed."""
    assert chance(value) == shown


def test_other_numbers() -> None:
    """As their format has them; an unknown one is n/a."""
    assert number(1234.5, ",.1f") == "1,234.5"
    assert (number(None, ".0%"), number(None, ",.0f")) == ("n/a", "n/a")


@pytest.mark.parametrize(
    ("value", "decimals", "sign", "shown"),
    [
        (0.0, 4, "", "0.0000"), (0.00004585, 4, "", "0.00005"), (0.0001, 4, "", "0.0001"),
        (-0.000003, 5, "+", "-0.000003"), (-0.002, 2, "+", "-0.002"), (0.4, 0, "+", "+0.4"),
        (0.0, 2, "+", "+0.00"), (-0.0, 2, "+", "+0.00"), (-1e-12, 2, "+", "+0.00"),
        (1234.56, 1, "", "1,234.6"), (-0.96, 1, "+", "-1.0"), (0.096, 1, "", "0.1"),
    ],
)  # fmt: skip
def test_an_amount(value: float, decimals: int, sign: str, shown: str) -> None:
    """Has more decimals where these would say that it is none, and would lose its sign."""
    assert shown_amount(value, decimals, sign) == shown
    assert number(abs(value), f",.{decimals}f") == shown.lstrip("+-")


def test_a_limit_below_zero_is_shown_below_zero() -> None:
    """In a comparison and an attribution: the interval would seem to include zero."""
    assert comparison_grid.difference("usd", -0.000003) == "-0.000003"
    assert attribution_grid.effect_text("usd", Effect(("x",), -9e-6, -14e-6, -3e-6, 0.02)) == (
        "-0.01 [-0.01, -0.003]"
    )


def test_no_report_says_that_all_was_accepted() -> None:
    """The terminal, the report in short, Markdown, the page, a comparison, an attribution."""
    one = series("all")
    rates = {"approval_rate": ALMOST, "acceptance_rate": ALMOST, "cache_hit_rate": ALMOST}
    one = replace(one, metrics={**one.metrics, **rates})
    assert table.cells(one)[6:8] == ("99.6%", "99.6%")
    assert in_short.row("one", [series("none"), one])[-2:] == ("100% → 99.6%", "75% → 99.6%")
    assert "Cache hit rate: 99.6%" in table.headline(one)
    almost = replace(one, metrics={**one.metrics, "acceptance_rate": 2399 / 2400})
    assert "99.96%" in [cell.text for cell in costs([series("none"), almost]).rows[1].cells]
    assert amount("acceptance", 2399 / 2400) == "99.96%"
    assert comparison_grid._value("acceptance", 2399 / 2400) == "99.96%"
    assert dashboard._format("acceptance_rate", ALMOST) == "99.6%"
    whole = replace(run(), series=[series("none"), one])
    assert "100% → 99.6%" in "\n".join(markdown.lines(whole, Unused({})))
