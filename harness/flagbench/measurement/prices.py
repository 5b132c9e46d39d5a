"""Dollars, from the dated table in `prices.yaml`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("prices.yaml")


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs since a day, in US dollars for a million tokens."""

    model: str
    since: date
    input: float
    output: float
    source: str

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of one call in US dollars."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6


def table(path: Path = TABLE) -> tuple[Price, ...]:
    """All entries of a price table."""
    return tuple(Price(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8")))


def price_of(model: str, prices: Iterable[Price]) -> Price | None:
    """The newest price of a model, or None if it has none."""
    return max(
        (one for one in prices if one.model == model), key=lambda one: one.since, default=None
    )
