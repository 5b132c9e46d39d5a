"""Dollars of a cell."""

from dataclasses import replace
from datetime import date

import pytest

from flagbench.cassette.usage.token_usage import Amount, Source, TokenUsage, unbilled
from flagbench.measurement.dollars import dollars_of
from flagbench.measurement.prices import Price

SINCE = date(2025, 1, 1)
CHAT = Price(model="chat", since=SINCE, input=2, output=10, source="a", cached_input=0.5)
DEAR = Price(model="dear", since=SINCE, input=2, output=10, source="a", reasoning=30)
SMALL = Price(model="small", since=date(2024, 1, 1), input=0.1, output=0, source="b")
MILLION = 1_000_000


def usage(
    prompt: int, completion: int, *, cached: int | None = None, reasoning: int | None = None,
    model: str = "chat",
) -> TokenUsage:  # fmt: skip
    """The usage of a call."""
    amounts = (Amount(tokens, Source.COUNTED, tokens, None) for tokens in (prompt, completion))
    return TokenUsage(200, "stop", model, *amounts, cached, reasoning)


@pytest.mark.parametrize(
    ("call", "usd"),
    [
        (usage(MILLION, MILLION), 12.0),
        (usage(MILLION, 0, cached=0), 2.0),
        (usage(MILLION, 0, cached=MILLION), 0.5),
        (usage(MILLION, 0, cached=MILLION // 2), 1.25),
        (usage(0, MILLION, reasoning=MILLION), 10.0),
        (usage(0, MILLION, reasoning=MILLION // 2, model="dear"), 20.0),
        (usage(MILLION, 0, model="small"), 0.1),
        (usage(MILLION, 0, model=""), 2.0),
        (unbilled(500), 0.0),
    ],
)
def test_each_kind_of_tokens_has_its_price(call: TokenUsage, usd: float) -> None:
    """Cached ones theirs, reasoning that of the output unless it has one; by the call's model."""
    dollars = dollars_of([call], "chat", [CHAT, DEAR, SMALL])
    assert dollars.usd == pytest.approx(usd)
    assert (dollars.since, dollars.obstacle) == ("2025-01-01", "")


def test_cached_tokens_without_a_price_have_no_cost() -> None:
    """Neither the full price nor none; the reason is said."""
    dollars = dollars_of([usage(10, 1, cached=5, model="dear")], "chat", [CHAT, DEAR])
    assert dollars.usd is None
    assert dollars.obstacle == "US$ unknown: cached prompt tokens of dear have no price"


def test_a_call_to_a_model_without_a_price_has_no_cost() -> None:
    """Its tokens are not sold at another model's price."""
    calls = [usage(10, 1), usage(10, 1, model="unknown")]
    dollars = dollars_of(calls, "chat", [CHAT])
    assert (dollars.usd, dollars.obstacle) == (None, "US$ unknown: unknown has no price")
    assert dollars_of([replace(calls[0], model="")], "none", []).obstacle == ""
