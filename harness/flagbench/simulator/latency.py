"""Latency of an answer in seconds.

Source of every constant: 11,829 and 9,422 calls to gpt-4o-mini in October 2025 (the public
experiment `gesad-lab/baes_berk_20251103`): `0.86 s + 0.0204 s x completion tokens`, prompt length
without effect; the ratio to that line is log-normal with sigma 0.24, and 0.8 % of calls take over
twice, 0.2 % over three times as long.

The log-normal body alone puts 0.19 % of calls over twice the line and none over three times. The
model is therefore a mixture: with probability TAIL_SHARE the ratio is Pareto from TAIL_FROM on, its
index chosen so that 0.2 % of all calls exceed three. It is cut at TAIL_TO, the largest ratio among
the 9,422.
"""

import math

from flagbench.simulator.rng import Rng

FIXED_SECONDS = 0.86
SECONDS_PER_TOKEN = 0.0204
BODY_SIGMA = 0.24
TAIL_FROM = 2.0
TAIL_TO = 10.5
TAIL_SHARE = 0.0061
"""0.8 % over two, less the 0.19 % that the body has there."""
TAIL_INDEX = 2.75
"""0.0061 x (2 / 3) ** 2.75 = 0.2 % over three."""

ERROR_SECONDS = 0.12
"""Median of a 429 or 500; an assumption: the request is rejected before a token is generated."""
GATEWAY_SECONDS = 600.0
"""Time after which a gateway ends a call without an answer; an assumption, equal to the openai
client's default timeout."""


def ratio(draws: Rng) -> float:
    """Ratio of actual to expected latency of one call; its median is 1."""
    place = draws.unit("latency.tail")
    if place < TAIL_SHARE:
        return min(TAIL_TO, TAIL_FROM * math.pow(1.0 - place / TAIL_SHARE, -1.0 / TAIL_INDEX))
    return math.exp(BODY_SIGMA * draws.normal("latency.body"))


def answer_seconds(completion_tokens: int, draws: Rng) -> float:
    """Seconds from sending the request to receiving the whole answer."""
    return (FIXED_SECONDS + SECONDS_PER_TOKEN * completion_tokens) * ratio(draws)


def error_seconds(draws: Rng) -> float:
    """Seconds until a 429 or 500 arrives; log-normal without the tail."""
    return ERROR_SECONDS * math.exp(BODY_SIGMA * draws.normal("latency.error"))
