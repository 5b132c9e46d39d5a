"""A counterfactual: its settings, and a cassette at its pace."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import InputError
from flagbench.run import counterfactual
from flagbench.run.counterfactual import RECORDED, Counterfactual, with_latencies


def test_nothing_said_changes_nothing() -> None:
    """The recorded conditions."""
    assert counterfactual.parse([]) == counterfactual.RECORDED


def test_every_setting_has_its_place() -> None:
    """Numbers are read as such."""
    found = counterfactual.parse(
        ["provider.speed=2", "provider.tokens_per_second=80", "provider.first_token_seconds=0.4",
         "rate_limit.rpm=60", "client.parallelism=3"]
    )  # fmt: skip
    assert (found.speed, found.tokens_per_second, found.first_token_seconds) == (2.0, 80.0, 0.4)
    assert (found.requests_per_minute, found.parallelism, found.prices) == (60, 3, None)


def test_all_unknown_settings_are_told_at_once() -> None:
    """With the names that there are."""
    with pytest.raises(InputError) as told:
        counterfactual.parse(["speed=2", "rate_limit.rpm"])
    assert len(told.value.problems) == 2
    assert "provider.tokens_per_second" in str(told.value)


@pytest.mark.parametrize(
    ("setting", "word"),
    [("provider.speed=0", "greater than 0"), ("provider.speed=fast", "a number"),
     ("client.parallelism=0", "greater than or equal to 1"),
     ("rate_limit.rpm=1.5", "a whole number")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told(setting: str, word: str) -> None:
    """With the setting as it was written."""
    with pytest.raises(InputError, match=word) as told:
        counterfactual.parse([setting])
    name, _, value = setting.partition("=")
    assert f"--set: {name} is {value!r}" in str(told.value)


def test_a_first_token_needs_a_rate() -> None:
    """Alone it would say nothing, silently."""
    with pytest.raises(InputError, match="tokens_per_second"):
        counterfactual.parse(["provider.first_token_seconds=1"])


def test_prices_must_be_there(tmp_path: Path) -> None:
    """A table that is not there is told before anything is replayed."""
    with pytest.raises(InputError, match="price table not found"):
        counterfactual.parse([f"prices={tmp_path / 'none.yaml'}"])


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


# 0.5 s to the first token, then 0.02 s for each.
CASSETTE = Cassette.of(
    Path("x"), {}, [answer(10, 0.7), answer(100, 2.5), answer(0, 0.3, status=500)]
)


def paces(cassette: Cassette) -> list[float]:
    """The latencies, to the microsecond."""
    return [round(one.elapsed_seconds, 6) for one in cassette.interactions]


def test_recorded_conditions_keep_the_cassette() -> None:
    """The same object: nothing is copied for a plain replay."""
    assert with_latencies(CASSETTE, RECORDED) is CASSETTE


def test_a_faster_provider_divides_every_latency() -> None:
    """Of failures too."""
    assert paces(with_latencies(CASSETTE, Counterfactual(speed=2.0))) == [0.35, 1.25, 0.15]


def test_tokens_per_second_keep_the_fitted_time_to_the_first() -> None:
    """A line through two points is exact; a failure has no tokens and keeps its latency."""
    other = with_latencies(CASSETTE, Counterfactual(tokens_per_second=100))
    assert paces(other) == [0.6, 1.5, 0.3]


def test_a_first_token_that_is_given_replaces_the_fit() -> None:
    """And a speed divides what comes out."""
    counterfactual = Counterfactual(tokens_per_second=100, first_token_seconds=1.0, speed=2.0)
    assert paces(with_latencies(CASSETTE, counterfactual)) == [0.55, 1.0, 0.15]


def test_answers_of_one_length_have_no_line() -> None:
    """The shortest latency stands for the time to the first token."""
    cassette = Cassette.of(
        Path("x"), {}, [answer(10, 0.7), replace(answer(10, 0.9), path="/other")]
    )
    assert paces(with_latencies(cassette, Counterfactual(tokens_per_second=10))) == [1.7, 1.7]


def test_answers_are_found_as_before() -> None:
    """Only the latency is another."""
    other = with_latencies(CASSETTE, Counterfactual(speed=3.0))
    assert other.index == CASSETTE.index
    assert [one.response_body for one in other.interactions] == [
        one.response_body for one in CASSETTE.interactions
    ]
