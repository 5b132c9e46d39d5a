"""A run's overrides of a scenario."""

import pytest
from house import House

from flagbench.errors import InputError


def ids(house: House, **overrides: object) -> list[str]:
    """The combinations that a run with these options has."""
    return [one.id for one in house.options(**overrides).applied_to(house.scenario).combinations]


def test_without_overrides_the_scenario_is_as_it_says(house: House) -> None:
    """Every part of it."""
    assert house.options().applied_to(house.scenario) == house.scenario
    assert house.options().is_own_design


def test_a_design_or_combinations_replace_the_scenarios_own(house: House) -> None:
    """Together they stand one after the other, each combination once."""
    assert ids(house, design="leave-one-out") == ["parallel", "short", "all"]
    assert ids(house, combinations=("parallel",)) == ["parallel"]
    assert ids(house, combinations=("short+parallel", "all", "none")) == ["all", "none"]
    assert ids(house, design="one-at-a-time", combinations=("all", "short")) == [
        "none", "short", "parallel", "all",
    ]  # fmt: skip
    assert not house.options(design="full").is_own_design
    assert not house.options(combinations=("all",)).is_own_design


def test_provider_model_and_trials(house: House) -> None:
    """Each alone."""
    one = house.options(provider="openai", model="gpt-4o", trials=1).applied_to(house.scenario)
    assert (one.provider, one.model, one.trials) == ("openai", "gpt-4o", 1)
    assert one.combinations == house.scenario.combinations


def test_an_unknown_flag_is_told_with_the_scenario(house: House) -> None:
    """One command line runs several scenarios."""
    with pytest.raises(InputError) as caught:
        ids(house, combinations=("shrt",))
    assert str(caught.value) == (
        f"combination, for {house.scenario_file}: unknown flag 'shrt'\n    expected: 'short'"
    )


@pytest.mark.parametrize("name", ["../out", "/out", "a/b", "-", " a", 'q"x', "a\n", ".."])
def test_a_provider_is_the_name_of_a_folder(house: House, name: str) -> None:
    """Another one would be recorded outside of the folder of cassettes."""
    options = house.options(provider=name)
    with pytest.raises(InputError, match="is not a name"):
        options.applied_to(house.scenario)
