"""Flags: read from an environment, with every mistake at once."""

from dataclasses import FrozenInstanceError, fields

import pytest

from flagbench_generators.crud.flags import FACTORS, Flags

ENVIRONMENT_NAMES = {
    "templates": "ENABLE_TEMPLATES",
    "confidence": "ENABLE_CONFIDENCE_VALIDATION",
    "cache": "ENABLE_RECOGNITION_CACHE",
    "compressed": "ENABLE_COMPRESSED_STANDARDS",
    "parallel": "ENABLE_PARALLEL_EXECUTION",
    "retry": "ENABLE_SMART_RETRY",
}


def test_the_defaults_are_those_of_the_seed() -> None:
    """An empty environment: four optimisations on, two off."""
    assert Flags.from_env({}) == Flags(
        templates=True, confidence=True, cache=True, compressed=True, parallel=False, retry=False
    )


def test_the_presets_switch_everything() -> None:
    """`none` is the plain pipeline, `all` has every optimisation."""
    assert not any(getattr(Flags.none(), one.name) for one in fields(Flags))
    assert all(getattr(Flags.all(), one.name) for one in fields(Flags))


@pytest.mark.parametrize("name", ENVIRONMENT_NAMES)
def test_each_variable_switches_its_own_flag_only(name: str) -> None:
    """The seed's environment names, one at a time, against everything off."""
    off = dict.fromkeys(ENVIRONMENT_NAMES.values(), "false")
    flags = Flags.from_env({**off, ENVIRONMENT_NAMES[name]: "true"})
    assert [one.name for one in fields(Flags) if getattr(flags, one.name)] == [name]


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1", True), ("YES", True), (" on ", True),
     ("false", False), ("0", False), ("No", False), ("off", False)],
)  # fmt: skip
def test_a_level_may_be_written_in_several_ways(text: str, value: bool) -> None:
    """Case and blanks do not matter."""
    assert Flags.from_env({"ENABLE_SMART_RETRY": text}).retry is value


def test_every_wrong_value_is_named_at_once() -> None:
    """Variable, value and what would be right; a variable of someone else is not looked at."""
    with pytest.raises(ValueError) as raised:
        Flags.from_env({"ENABLE_TEMPLATES": "maybe", "ENABLE_SMART_RETRY": "", "PATH": "/bin"})
    assert str(raised.value) == (
        "ENABLE_TEMPLATES='maybe'; expected: true/1/yes/on or false/0/no/off; "
        "ENABLE_SMART_RETRY=''; expected: true/1/yes/on or false/0/no/off"
    )


def test_factors_tell_a_harness_what_to_vary() -> None:
    """Name, environment name, levels (off first), a sentence and the default for each flag."""
    assert {one.name: one.env for one in FACTORS} == ENVIRONMENT_NAMES
    assert {one.levels for one in FACTORS} == {("false", "true")}
    assert [one.default for one in FACTORS] == ["true"] * 4 + ["false"] * 2
    assert all(one.doc.endswith(".") for one in FACTORS)


def test_flags_do_not_change() -> None:
    """Nobody switches an optimisation in the middle of a session."""
    with pytest.raises(FrozenInstanceError):
        Flags().templates = False  # type: ignore[misc]
