"""Counterfactual conditions: another latency, rate limit, parallelism or price table."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.chunks import Chunk
from flagbench.errors import CouldNotRun, InputError, Problem, problems_of


class Counterfactual(BaseModel):
    """Changes to the recorded conditions; the default changes nothing.

    `provider.speed` divides every recorded latency, also those of the chunks of a stream.
    `provider.tokens_per_second` replaces latencies by the time to the first token plus the
    completion tokens at this rate, and moves chunks in proportion; the time to the first token is
    fitted to the recordings unless `provider.first_token_seconds` gives it.
    `rate_limit.rpm` is the number of calls that the provider accepts in any 60 s; it refuses others
    (429 with retry-after). `client.parallelism` is the number of calls that the client makes
    concurrently; others wait. `prices` is a price table in the format of
    harness/flagbench/measurement/prices.yaml.
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
    """Parse settings such as `provider.speed=2`. Raises `InputError` with all problems."""
    values, problems = {}, []
    for text in settings:
        name, separator, value = text.partition("=")
        if name not in SETTINGS or not separator:
            expected = f"NAME=VALUE, NAME one of {', '.join(SETTINGS)}"
            problems.append(Problem(f"--set {text}", expected=expected))
        values[name] = value
    if problems:
        raise InputError(problems)
    try:
        counterfactual = Counterfactual.model_validate(values)
    except ValidationError as error:
        raise InputError(problems_of(error, "--set")) from error
    if counterfactual.first_token_seconds is not None and counterfactual.tokens_per_second is None:
        expected = "provider.tokens_per_second as well"
        raise InputError(
            Problem("provider.first_token_seconds has no effect alone", expected=expected)
        )
    if counterfactual.prices is not None and not counterfactual.prices.is_file():
        raise InputError(Problem("price table not found", where=str(counterfactual.prices)))
    return counterfactual


def with_latencies(cassette: Cassette, counterfactual: Counterfactual) -> Cassette:
    """Copy a cassette with its latencies under a counterfactual.

    An unknown latency stays unknown, but for an answer whose latency follows from its tokens.
    Raises `CouldNotRun` where the time to the first token is to be fitted to unknown latencies.
    """
    if counterfactual.speed == 1.0 and counterfactual.tokens_per_second is None:
        return cassette
    first = (
        _first_token_seconds(cassette, counterfactual) if counterfactual.tokens_per_second else 0.0
    )

    def changed(interaction: Interaction) -> Interaction:
        if interaction.service:
            return interaction
        if counterfactual.tokens_per_second and (interaction.is_answered or interaction.chunks):
            generating = interaction.usage.completion_tokens / counterfactual.tokens_per_second
            interaction = _paced(interaction, first, first + generating)
        return _faster(interaction, counterfactual.speed)

    return Cassette.of(
        cassette.path, cassette.metadata, map(changed, cassette.interactions), cassette.rules
    )


def _paced(interaction: Interaction, first: float, elapsed: float) -> Interaction:
    """A call with another latency; its chunks from the first token on are as far apart in ratio."""
    if not interaction.chunks or interaction.elapsed_seconds is None:
        return replace(interaction, elapsed_seconds=elapsed)
    began = interaction.chunks[0].seconds
    recorded = interaction.elapsed_seconds - began
    return replace(
        interaction,
        elapsed_seconds=elapsed,
        chunks=tuple(
            Chunk(
                chunk.end,
                first + (elapsed - first) * (chunk.seconds - began) / recorded
                if recorded
                else elapsed,
            )
            for chunk in interaction.chunks
        ),
    )


def _faster(interaction: Interaction, speed: float) -> Interaction:
    elapsed = interaction.elapsed_seconds
    return replace(
        interaction,
        elapsed_seconds=elapsed if elapsed is None else elapsed / speed,
        chunks=tuple(Chunk(chunk.end, chunk.seconds / speed) for chunk in interaction.chunks),
    )


def _first_token_seconds(cassette: Cassette, counterfactual: Counterfactual) -> float:
    """Time to the first token: as set, or the least-squares intercept of latency over tokens.

    The intercept is at least 0. Fewer than two lengths give no line, but the shortest latency.
    """
    if counterfactual.first_token_seconds is not None:
        return counterfactual.first_token_seconds
    answered = [
        interaction
        for interaction in cassette.interactions
        if interaction.is_answered and not interaction.service
    ]
    timed = [call for call in answered if call.elapsed_seconds is not None]
    if answered and not timed:
        raise CouldNotRun(
            Problem(
                "the time to the first token is unknown: the recording has no latencies",
                where=str(cassette.path),
                expected="provider.first_token_seconds as well",
            )
        )
    tokens = [call.usage.completion_tokens for call in timed]
    latencies = [call.elapsed_seconds for call in timed if call.elapsed_seconds is not None]
    if len(set(tokens)) < 2:
        return min(latencies, default=0.0)
    return max(statistics.linear_regression(tokens, latencies).intercept, 0.0)
