"""Prices of models, from a dated table such as `prices.yaml`."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flagbench import yaml_lines
from flagbench.errors import InputError, Problem, problems_of

TABLE = Path(__file__).with_name("prices.yaml")
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(BaseModel):
    """The price of a model since a date, in US dollars per million tokens.

    `cached_input` is that of prompt tokens from the provider's cache, None if it is unknown.
    `reasoning` is that of reasoning tokens, None where they cost as much as the rest of the output.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    since: date
    input: Dollars
    output: Dollars
    source: str
    cached_input: Dollars | None = None
    reasoning: Dollars | None = None

    def usd(
        self, prompt_tokens: int, completion_tokens: int, *, cached: int = 0, reasoning: int = 0
    ) -> float:
        """The price of these tokens in US dollars.

        `cached` of the prompt's and `reasoning` of the completion's have prices of their own.
        Raises `ValueError` for cached tokens whose price is unknown.
        """
        if cached and self.cached_input is None:
            raise ValueError(f"{self.model} has no price of cached prompt tokens")
        special = cached * ((self.cached_input or 0.0) - self.input)
        if self.reasoning is not None:
            special += reasoning * (self.reasoning - self.output)
        return (prompt_tokens * self.input + completion_tokens * self.output + special) / 1e6


_ENTRIES = TypeAdapter(list[Price])


def table(path: Path = TABLE) -> tuple[Price, ...]:
    """Read the entries of a price table. Raises `InputError` with all problems."""
    document, lines = yaml_lines.read(path)
    if not isinstance(document, list) or not document:
        expected = f"a list of entries as in {TABLE.name}: model, since, input, output, source"
        raise InputError(Problem("not a price table", where=str(path), expected=expected))
    try:
        entries = tuple(_ENTRIES.validate_python(document))
    except ValidationError as error:
        raise InputError(problems_of(error, lines.where)) from error
    days = [(entry.model, entry.since) for entry in entries]
    problems = [
        Problem(f"a second price of {model} since {since}", lines.where((place,)), "one a day")
        for place, (model, since) in enumerate(days)
        if (model, since) in days[:place]
    ]
    if problems:
        raise InputError(problems)
    return entries


def price_of(model: str, prices: Iterable[Price]) -> Price | None:
    """The newest price of a model, None without one."""
    of_model = (price for price in prices if price.model == model)
    return max(of_model, key=lambda price: price.since, default=None)
