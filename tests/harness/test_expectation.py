"""What is expected of a series, and when nothing is."""

import pytest
from house import House

from harness.errors import InputError
from harness.expectation import Expectations
from harness.matrix import parse


def expected(house: House, combination: str = "short", **options: object) -> list[str] | None:
    """The metrics that the baseline expects; None where it says nothing."""
    scenario = house.scenario
    found = Expectations(house.options(**options)).of(
        scenario, parse(combination, scenario.factors)
    )
    return None if found is None else sorted(found)


def test_the_baseline_of_a_series_is_expected(house: House) -> None:
    """Every metric of it; nothing while baselines are being accepted."""
    house.accept()
    assert "tokens" in (expected(house) or [])
    assert expected(house, accept_baselines=True) is None


def test_a_series_that_was_never_accepted_lacks_everything(house: House) -> None:
    """Nothing of it is as expected, unless somebody asked for a combination of their own."""
    assert expected(house) == []
    assert expected(house, combinations=("short",)) is None


def test_other_recordings_than_those_accepted(house: House) -> None:
    """Of the scenario it is an error that says what to do; of an option it is a question apart."""
    house.accept()
    house.edit("trials: 2\n", "trials: 1\n")
    told = r"accepted with 2 trials of provider simulated, the scenario now says 1 of simulated"
    with pytest.raises(InputError, match=told) as caught:
        expected(house)
    assert "--accept-baselines" in str(caught.value)
    assert expected(house, trials=1) is None


def test_a_baseline_is_read_once(house: House) -> None:
    """What changes on disk after that does not count."""
    house.accept()
    expectations = Expectations(house.options())
    first = expectations.baseline_of(house.scenario)
    assert first is not None
    house.baseline.unlink()
    assert expectations.baseline_of(house.scenario) is first
