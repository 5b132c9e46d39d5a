"""Another world: what would be different about the provider, the client or the prices."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import InputError, Problem, problems_of


class Counterfactual(BaseModel):
    """What a counterfactual changes; the default changes nothing.

    `provider.speed` divides every recorded latency. `provider.tokens_per_second` replaces them by
    the time to the first token plus the completion tokens at this rate; the time to the first token
    is fitted to the recordings unless `provider.first_token_seconds` gives it. `rate_limit.rpm`
    lets the provider refuse the calls beyond so many in any 60 s (429 with retry-after).
    `client.parallelism` lets the client hold calls back beyond so many at once. `prices` is a price
    table in the form of harness/flagbench/measurement/prices.yaml.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    speed: float = Field(default=1.0, gt=0, alias="provider.speed")
    tokens_per_second: float | None = Field(default=None, gt=0, alias="provider.tokens_per_second")
    first_token_seconds: float | None = Field(
        default=None, ge=0, alias="provider.first_token_seconds"
    )
    requests_per_minute: int | None = Field(default=None, ge=1, alias="rate_limit.rpm")
    parallelism: int | None = Field(default=None, ge=1, alias="client.parallelism")
    prices: Path | None = Field(default=None, alias="prices")


RECORDED = Counterfactual()
SETTINGS = tuple(str(field.alias) for field in Counterfactual.model_fields.values())


def parse(settings: Sequence[str]) -> Counterfactual:
    """The world of settings such as `provider.speed=2`. Raises `InputError` with all problems."""
    values, wrong = {}, []
    for text in settings:
        name, given, value = text.partition("=")
        if name not in SETTINGS or not given:
            expected = f"NAME=VALUE, NAME one of {', '.join(SETTINGS)}"
            wrong.append(Problem(f"--set {text}", expected=expected))
        values[name] = value
    if wrong:
        raise InputError(wrong)
    try:
        counterfactual = Counterfactual.model_validate(values)
    except ValidationError as error:
        raise InputError(problems_of(error, "--set")) from error
    if counterfactual.first_token_seconds is not None and counterfactual.tokens_per_second is None:
        expected = "provider.tokens_per_second beside it"
        raise InputError(
            Problem("provider.first_token_seconds alone says nothing", expected=expected)
        )
    if counterfactual.prices is not None and not counterfactual.prices.is_file():
        raise InputError(Problem("there is no such price table", where=str(counterfactual.prices)))
    return counterfactual


def with_latencies(tape: Cassette, counterfactual: Counterfactual) -> Cassette:
    """The tape with the latencies that the world's provider would have."""
    if counterfactual.speed == 1.0 and counterfactual.tokens_per_second is None:
        return tape
    first = _first_token_seconds(tape, counterfactual) if counterfactual.tokens_per_second else 0.0

    def seconds(interaction: Interaction) -> float:
        elapsed = interaction.elapsed_seconds
        if counterfactual.tokens_per_second and interaction.status == 200:
            elapsed = first + interaction.usage.completion_tokens / counterfactual.tokens_per_second
        return elapsed / counterfactual.speed

    return Cassette.of(
        tape.path,
        tape.metadata,
        (
            replace(interaction, elapsed_seconds=seconds(interaction))
            for interaction in tape.interactions
        ),
    )


def _first_token_seconds(tape: Cassette, counterfactual: Counterfactual) -> float:
    """As given, or the intercept of latency over completion tokens, by least squares.

    At least 0. With fewer than two different lengths there is no line: the shortest latency.
    """
    if counterfactual.first_token_seconds is not None:
        return counterfactual.first_token_seconds
    answered = [interaction for interaction in tape.interactions if interaction.status == 200]
    tokens = [interaction.usage.completion_tokens for interaction in answered]
    latencies = [interaction.elapsed_seconds for interaction in answered]
    if len(set(tokens)) < 2:
        return min(latencies, default=0.0)
    return max(statistics.linear_regression(tokens, latencies).intercept, 0.0)
