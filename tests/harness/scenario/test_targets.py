"""Targets: what a scenario may promise, and whether a measurement keeps it."""

import pytest

from flagbench.scenario import targets


@pytest.mark.parametrize(
    ("text", "relation", "bound"),
    [
        (">= 75 %", ">=", 0.75),
        (">=75%", ">=", 0.75),
        ("<= 2000", "<=", 2000.0),
        ("  > 0.5  ", ">", 0.5),
        ("< -3.25", "<", -3.25),
        ("> -1000 %", ">", -10.0),
    ],
)
def test_the_forms_of_a_target(text: str, relation: str, bound: float) -> None:
    """An operator, a number, perhaps a percent sign, with any blanks."""
    metric = "token_reduction" if "%" in text else "tokens"
    parsed = targets.parse(metric, text)
    assert (parsed.metric, parsed.relation, parsed.bound) == (metric, relation, bound)
    assert parsed.text == " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["75 %", "= 3", ">= ", ">= x", ">= 1e3", ">= 3 % more", "=> 3", "", ">= .5", ">= 3,5"]
)
def test_anything_else_is_refused(text: str) -> None:
    """No exponent, comma, other operator or further word."""
    with pytest.raises(ValueError, match=r"is not a target"):
        targets.parse("tokens", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [(">= 5", (5, 6)), ("<= 5", (5, 4)), ("> 5", (5.1, 6)), ("< 5", (4.9, 0))],
)
def test_bounds_that_hold(text: str, kept: tuple[float, float]) -> None:
    """The bound itself holds where the operator says so."""
    assert all(targets.parse("m", text).holds(value) for value in kept)


@pytest.mark.parametrize(("text", "lost"), [(">= 5", 4.9), ("<= 5", 5.1), ("> 5", 5), ("< 5", 5)])
def test_bounds_that_do_not_hold(text: str, lost: float) -> None:
    """And not where it does not."""
    assert not targets.parse("m", text).holds(lost)
