"""Dollars from a dated table."""

from datetime import date
from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.measurement import prices
from flagbench.measurement.prices import Price


def test_the_price_of_the_scenarios_model() -> None:
    """A million tokens in and a million out of gpt-4o-mini cost 0.15 and 0.60 dollars."""
    price = prices.price_of("gpt-4o-mini", prices.table())
    assert price is not None
    assert price.usd(1_000_000, 0) == pytest.approx(0.15)
    assert price.usd(0, 1_000_000) == pytest.approx(0.60)
    assert price.usd(6000, 1520) == pytest.approx(0.001812)


def test_every_entry_has_a_day_and_a_source() -> None:
    """A price without them cannot be checked; no day stands twice for a model."""
    table = prices.table()
    assert all(one.source and isinstance(one.since, date) for one in table)
    assert all(one.input > 0 and one.output > 0 for one in table)
    assert len({(one.model, one.since) for one in table}) == len(table)


def test_the_newest_price_counts(tmp_path: Path) -> None:
    """Wherever it stands in the table."""
    path = tmp_path / "prices.yaml"
    path.write_text(
        "- {model: m, since: 2024-01-01, input: 1, output: 1, source: a}\n"
        "- {model: m, since: 2025-01-01, input: 3, output: 3, source: b}\n"
        "- {model: m, since: 2024-06-01, input: 2, output: 2, source: c}\n"
    )
    price = prices.price_of("m", prices.table(path))
    expected = Price(model="m", since=date(2025, 1, 1), input=3, output=3, source="b")
    assert price == expected


def test_an_unknown_model_has_no_price() -> None:
    """Rather none than a wrong one."""
    assert prices.price_of("smollm2-135m", prices.table()) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{model: m", "not valid YAML"),
        ("model: m", "not a price table"),
        ("[]", "not a price table"),
        (
            2 * "- {model: m, since: 2024-01-01, input: 1, output: 1, source: a}\n",
            "prices.yaml:2: a second price of m since 2024-01-01",
        ),
        ("- {model: m, since: 2024-01-01, input: 1, output: 1}", "source"),
        ("- {model: m, since: soon, input: 1, output: 1, source: a}", "since"),
        ("- {model: m, since: 2024-01-01, input: -1, output: 1, source: a}", "input"),
        (
            "- {model: m, since: 2024-01-01, input: .nan, output: 1, source: a}",
            "not a finite decimal number",
        ),
        ("- {model: m, since: 2024-01-01, input: 1, output: 1, source: a, cache: 1}", "cache"),
    ],
)
def test_a_wrong_table_is_an_error_that_names_the_file(
    tmp_path: Path, text: str, said: str
) -> None:
    """And the entry."""
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as error:
        prices.table(path)
    assert str(path) in str(error.value)


def test_a_table_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The scenario named it."""
    with pytest.raises(InputError, match="cannot be read"):
        prices.table(tmp_path / "none.yaml")
