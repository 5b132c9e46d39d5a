"""Prices of models, from the dated table in `prices.yaml`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flagbench import yaml_lines

TABLE = Path(__file__).with_name("prices.yaml")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a model since a date, in US dollars per million tokens."""

    model: str
    since: date
    input: float
    output: float
    source: str

    def usd(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of these tokens in US dollars."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6


def table(path: Path = TABLE) -> tuple[Price, ...]:
    """Read the entries of a price table. Raises `InputError`."""
    entries, _ = yaml_lines.read(path)
    return tuple(Price(**entry) for entry in entries)


def price_of(model: str, prices: Iterable[Price]) -> Price | None:
    """The newest price of a model, None without one."""
    of_model = (price for price in prices if price.model == model)
    return max(of_model, key=lambda price: price.since, default=None)
