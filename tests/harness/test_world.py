"""Settings of another world."""

from pathlib import Path

import pytest

from harness import world
from harness.errors import InputError


def test_nothing_said_changes_nothing() -> None:
    """The recorded world."""
    assert world.parse([]) == world.RECORDED


def test_every_setting_has_its_place() -> None:
    """Numbers are read as such."""
    found = world.parse(
        ["provider.speed=2", "provider.tokens_per_second=80", "provider.first_token_seconds=0.4",
         "rate_limit.rpm=60", "client.parallelism=3"]
    )  # fmt: skip
    assert (found.speed, found.tokens_per_second, found.first_token_seconds) == (2.0, 80.0, 0.4)
    assert (found.requests_per_minute, found.parallelism, found.prices) == (60, 3, None)


def test_all_unknown_settings_are_told_at_once() -> None:
    """With the names that there are."""
    with pytest.raises(InputError) as told:
        world.parse(["speed=2", "rate_limit.rpm"])
    assert len(told.value.problems) == 2
    assert "provider.tokens_per_second" in str(told.value)


@pytest.mark.parametrize(
    ("setting", "word"),
    [("provider.speed=0", "greater than 0"), ("provider.speed=fast", "valid number"),
     ("client.parallelism=0", "greater than or equal to 1"),
     ("rate_limit.rpm=1.5", "valid integer")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told(setting: str, word: str) -> None:
    """With the setting as it was written."""
    with pytest.raises(InputError, match=word) as told:
        world.parse([setting])
    name, _, value = setting.partition("=")
    assert f"--set: {name} is {value!r}" in str(told.value)


def test_a_first_token_needs_a_rate() -> None:
    """Alone it would say nothing, silently."""
    with pytest.raises(InputError, match="tokens_per_second"):
        world.parse(["provider.first_token_seconds=1"])


def test_prices_must_be_there(tmp_path: Path) -> None:
    """A table that is not there is told before anything is replayed."""
    with pytest.raises(InputError, match="no such price table"):
        world.parse([f"prices={tmp_path / 'none.yaml'}"])
