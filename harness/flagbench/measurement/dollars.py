"""Dollars of a cell: each call at the price of its model, cached and reasoning tokens at theirs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.measurement.prices import Price, price_of


@dataclass(frozen=True, slots=True)
class Dollars:
    """The cost of a cell, None if it is unknown. `obstacle` is the reason for it, "" where no price
    of the model is known. `since` is the date of the price of the scenario's model.
    """

    usd: float | None
    since: str | None
    obstacle: str = ""


def dollars_of(usages: Iterable[TokenUsage], model: str, prices: Sequence[Price]) -> Dollars:
    """Add up the cost of calls. A call that names no model is one to `model`.

    Cached and reasoning tokens that a provider does not tell are part of the others, at their
    price.
    """
    own = price_of(model, prices)
    since = own.since.isoformat() if own else None
    by_model: dict[str, list[TokenUsage]] = {}
    for usage in usages:
        if usage.is_billed:
            by_model.setdefault(usage.model or model, []).append(usage)
    if own is None and set(by_model) <= {model}:
        return Dollars(None, None)
    usd = 0.0
    for name, calls in by_model.items():
        price = price_of(name, prices)
        if price is None:
            return Dollars(None, since, f"US$ unknown: {name} has no price")
        cached = sum(usage.cached_prompt_tokens or 0 for usage in calls)
        if cached and price.cached_input is None:
            obstacle = f"US$ unknown: cached prompt tokens of {name} have no price"
            return Dollars(None, since, obstacle)
        usd += price.usd(
            sum(usage.prompt_tokens for usage in calls),
            sum(usage.completion_tokens for usage in calls),
            cached=cached,
            reasoning=sum(usage.reasoning_tokens or 0 for usage in calls),
        )
    return Dollars(usd, since)
