"""A tape at another pace: the same answers, the latency of another provider."""

import statistics
from dataclasses import replace

from harness.meter import Meter
from harness.tape import Interaction, Tape
from harness.world import World


def retold(tape: Tape, world: World, meter: Meter) -> Tape:
    """The tape with the latencies that the world's provider would have."""
    if world.speed == 1.0 and world.tokens_per_second is None:
        return tape
    first = _first_token_seconds(tape, world, meter) if world.tokens_per_second else 0.0

    def seconds(place: int, one: Interaction) -> float:
        elapsed = one.elapsed_seconds
        if world.tokens_per_second and one.status == 200:
            tokens = meter.weigh(tape, place).completion_tokens
            elapsed = first + tokens / world.tokens_per_second
        return elapsed / world.speed

    return Tape.of(
        tape.path,
        tape.metadata,
        (
            replace(one, elapsed_seconds=seconds(place, one))
            for place, one in enumerate(tape.interactions)
        ),
    )


def _first_token_seconds(tape: Tape, world: World, meter: Meter) -> float:
    """As given, or the intercept of latency over completion tokens, by least squares.

    At least 0. With fewer than two different lengths there is no line: the shortest latency.
    """
    if world.first_token_seconds is not None:
        return world.first_token_seconds
    answered = [
        (meter.weigh(tape, place).completion_tokens, one.elapsed_seconds)
        for place, one in enumerate(tape.interactions)
        if one.status == 200
    ]
    tokens, latencies = [a for a, _ in answered], [b for _, b in answered]
    if len(set(tokens)) < 2:
        return min(latencies, default=0.0)
    return max(statistics.linear_regression(tokens, latencies).intercept, 0.0)
