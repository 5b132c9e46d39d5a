"""Dollars from a dated table."""

from datetime import date
from pathlib import Path

import pytest

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
    assert price == Price("m", date(2025, 1, 1), 3, 3, "b")


def test_an_unknown_model_has_no_price() -> None:
    """Rather none than a wrong one."""
    assert prices.price_of("smollm2-135m", prices.table()) is None
