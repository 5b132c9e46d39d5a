"""A tape at another pace."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from house import House

from harness.meter import Meter
from harness.retold import retold
from harness.tape import Interaction, Tape
from harness.world import RECORDED, World


def answer(words: int, seconds: float, status: int = 200) -> Interaction:
    """An answer of so many tokens (each word is one)."""
    content = " ".join(["one"] * words)
    return Interaction(
        method="POST", path="/v1/chat/completions",
        request_body=json.dumps({"messages": [{"role": "user", "content": str(words)}]}).encode(),
        status=status, reason="", headers={},
        response_body=json.dumps({"choices": [{"message": {"content": content}}]}).encode(),
        elapsed_seconds=seconds,
    )  # fmt: skip


@pytest.fixture
def meter(house: House) -> Meter:
    """Weighs with the vocabulary that the session has loaded."""
    return Meter(house.counter)


# 0.5 s to the first token, then 0.02 s for each.
TAPE = Tape.of(Path("x"), {}, [answer(10, 0.7), answer(100, 2.5), answer(0, 0.3, status=500)])


def paces(tape: Tape) -> list[float]:
    """The latencies, to the microsecond."""
    return [round(one.elapsed_seconds, 6) for one in tape.interactions]


def test_the_recorded_world_keeps_the_tape(meter: Meter) -> None:
    """The same object: nothing is copied for a plain replay."""
    assert retold(TAPE, RECORDED, meter) is TAPE


def test_a_faster_provider_divides_every_latency(meter: Meter) -> None:
    """Of failures too."""
    assert paces(retold(TAPE, World(speed=2.0), meter)) == [0.35, 1.25, 0.15]


def test_tokens_per_second_keep_the_fitted_time_to_the_first(meter: Meter) -> None:
    """A line through two points is exact; a failure has no tokens and keeps its latency."""
    other = retold(TAPE, World(tokens_per_second=100), meter)
    assert paces(other) == [0.6, 1.5, 0.3]


def test_a_first_token_that_is_given_replaces_the_fit(meter: Meter) -> None:
    """And a speed divides what comes out."""
    world = World(tokens_per_second=100, first_token_seconds=1.0, speed=2.0)
    assert paces(retold(TAPE, world, meter)) == [0.55, 1.0, 0.15]


def test_answers_of_one_length_have_no_line(meter: Meter) -> None:
    """The shortest latency stands for the time to the first token."""
    tape = Tape.of(Path("x"), {}, [answer(10, 0.7), replace(answer(10, 0.9), path="/other")])
    assert paces(retold(tape, World(tokens_per_second=10), meter)) == [1.7, 1.7]


def test_answers_are_found_as_before(meter: Meter) -> None:
    """Only the latency is another."""
    other = retold(TAPE, World(speed=3.0), meter)
    assert other.index == TAPE.index
    assert [one.response_body for one in other.interactions] == [
        one.response_body for one in TAPE.interactions
    ]
