"""Where recordings are, what records them, and what they must have been made for."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from house import House

from flagbench.cassette import file, journal, store
from flagbench.errors import CouldNotRun
from flagbench.scenario.loading import Scenario


def refused(house: House, scenario: Scenario, trial: int = 1) -> str:
    """Why the tiny cassette is not for this scenario."""
    cassette = file.load(house.cassette(), record_command="")
    with pytest.raises(CouldNotRun) as caught:
        store.check(cassette, scenario, trial)
    return str(caught.value)


def test_cassettes_lie_by_provider_scenario_and_trial(house: House) -> None:
    """One a trial, shared by its combinations."""
    one = replace(house.scenario, provider="openai")
    assert store.cassette_path(Path("c"), one, 3) == Path("c/openai/tiny/3.yaml")


def test_a_recording_for_this_scenario_passes(house: House) -> None:
    """As it was just made."""
    cassette = file.load(house.cassette(2), record_command="")
    store.check(cassette, house.scenario, 2)


def test_other_provider_settings_expire_a_recording(house: House) -> None:
    """Both settings are told, and the command that records anew."""
    house.edit("trials: 2", "trials: 2\nprovider: {name: simulated, settings: {rate_limit: 0.1}}")
    assert refused(house, house.scenario) == (
        f"{house.cassette()}: the recording has expired: it was made with settings {{}}, "
        "the scenario now says {'rate_limit': 0.1}\n"
        f"    fix: flagbench record {house.scenario_file} --fresh"
    )


def test_settings_at_their_defaults_expire_nothing(house: House) -> None:
    """Saying what is so anyway changes nothing."""
    house.edit("trials: 2", "trials: 2\nprovider: {name: simulated, settings: {rate_limit: 0.0}}")
    store.check(file.load(house.cassette(), record_command=""), house.scenario, 1)


def test_another_model_provider_scenario_or_trial_expire_it_too(house: House) -> None:
    """A file that was copied from elsewhere is noticed."""
    assert "made with model 'gpt-4o-mini'" in refused(house, replace(house.scenario, model="m"))
    assert "made with trial 1, the scenario now says 2" in refused(house, house.scenario, 2)
    assert "made with scenario 'tiny'" in refused(house, replace(house.scenario, name="x"))
    other = replace(house.scenario, provider="openai")
    assert "made with provider 'simulated'" in refused(house, other)


def test_the_command_names_provider_and_endpoint(house: House) -> None:
    """A real provider is not recorded by accident."""
    one = replace(house.scenario, provider="openai", path=Path("scenarios/tiny.yaml"))
    assert store.record_command(one) == (
        "flagbench record scenarios/tiny.yaml --provider openai --base-url URL"
    )


def test_a_path_with_blanks_is_quoted(house: House) -> None:
    """The command can be copied as it stands."""
    one = replace(house.scenario, path=Path("my scenarios/é x.yaml"))
    assert shlex.split(store.record_command(one)) == [
        "flagbench", "record", "my scenarios/é x.yaml",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["it's.yaml", "a&b.yaml", "a'b c.yaml", "$HOME.yaml", "(x).yaml"])
def test_any_path_is_quoted_for_a_shell(house: House, name: str) -> None:
    """Also with the characters that a shell takes for its own."""
    command = store.record_command(replace(house.scenario, path=Path("scenarios") / name))
    assert shlex.split(command, comments=True)[2:] == [f"scenarios/{name}"]
    assert not set("&$()") & set(command.replace(shlex.quote(f"scenarios/{name}"), ""))


@pytest.mark.parametrize(
    ("overrides", "argument"),
    [
        ({"combinations": ("parallel",)}, "--combination parallel"),
        ({"design": "full"}, "--design full"),
        ({"trials": 7}, "--trials 7"),
        ({"model": "gpt-4o"}, "--model gpt-4o"),
    ],
)
def test_the_command_records_what_this_run_asked_for(
    house: House, overrides: dict[str, object], argument: str
) -> None:
    """A combination typed by hand is not recorded by the scenario's own design."""
    house.edit("trials: 2", "trials: 2\ndesign: named\ncombinations: [none, all]")
    chosen = house.options(**overrides).applied_to(house.scenario)
    assert argument in store.record_command(chosen)


def kept_answers(house: House, answers: int, *, fresh: bool) -> Path:
    """A journal of the first trial with so many of its answers."""
    cassette = file.load(house.cassette(), record_command="")
    if fresh:
        journal.begin_fresh(house.cassette(), store.metadata(house.scenario, 1))
    for one in cassette.interactions[:answers]:
        journal.append(house.cassette(), one)
    return journal.path_of(house.cassette())


def resumed(house: House, *, fresh: bool, scenario: Scenario | None = None) -> tuple[int, int]:
    """With how many answers the first trial goes on, and how many of them a journal holds."""
    one = scenario or house.scenario
    cassette, kept = store.resume(house.cassettes, one, 1, fresh=fresh)
    assert cassette.path == house.cassette()
    assert cassette.metadata == store.metadata(one, 1)
    return len(cassette.interactions), kept


def test_a_recording_goes_on_with_its_cassette_and_its_journal(house: House) -> None:
    """A fresh one with neither."""
    assert resumed(house, fresh=False) == (6, 0)
    kept_answers(house, 2, fresh=False)
    assert resumed(house, fresh=False) == (8, 2)
    assert resumed(house, fresh=True) == (0, 0)
    house.cassette().unlink()
    assert resumed(house, fresh=False) == (2, 2)


def test_a_fresh_recording_goes_on_with_a_fresh_journal_alone(house: House) -> None:
    """Whatever the cassette is: it will be replaced."""
    kept_answers(house, 2, fresh=True)
    house.cassette().write_text("half a casse")
    assert resumed(house, fresh=True) == (2, 2)


@pytest.mark.parametrize("has_cassette", [True, False])
def test_what_a_fresh_recording_left_is_not_mixed_with_a_cassette(
    house: House, has_cassette: bool
) -> None:
    """A recording that is not fresh is refused, with the command that goes on."""
    path = kept_answers(house, 4, fresh=True)
    if not has_cassette:
        house.cassette().unlink()
    with pytest.raises(CouldNotRun) as caught:
        resumed(house, fresh=False)
    assert str(caught.value) == (
        f"{path}: an interrupted --fresh recording has left 4 answers here\n"
        f"    fix: flagbench record {house.scenario_file} --fresh "
        "(which continues with them), or delete the file"
    )


def test_what_a_fresh_recording_left_for_another_model_is_refused(house: House) -> None:
    """It is neither mixed nor thrown away."""
    path = kept_answers(house, 4, fresh=True)
    with pytest.raises(CouldNotRun) as caught:
        resumed(house, fresh=True, scenario=replace(house.scenario, model="other"))
    assert str(caught.value) == (
        f"{path}: the interrupted --fresh recording was made with model 'gpt-4o-mini', "
        "the scenario now says 'other'\n"
        "    expected: the same values, to continue it\n"
        "    fix: delete the file to start over"
    )


@pytest.mark.parametrize("answers", [1, 6])
def test_a_journal_whose_answers_are_saved_is_not_taken_in_again(
    house: House, answers: int
) -> None:
    """The recorder was killed after it had written the cassette."""
    cassette = file.load(house.cassette(), record_command="")
    for one in cassette.interactions[-answers:]:
        journal.append(house.cassette(), one)
    assert resumed(house, fresh=False) == (6, 0)


def test_what_an_interrupted_fresh_recording_left_is_counted(house: House) -> None:
    """By journal; an ordinary journal is none of its."""
    assert store.interrupted_fresh(house.cassettes, house.scenario) == {}
    path = kept_answers(house, 3, fresh=False)
    assert store.interrupted_fresh(house.cassettes, house.scenario) == {}
    kept_answers(house, 3, fresh=True)
    journal.begin_fresh(house.cassette(2), {})
    other = journal.path_of(house.cassette(2))
    assert store.interrupted_fresh(house.cassettes, house.scenario) == {path: 3, other: 0}


def test_a_finished_recording_has_no_journal(house: House) -> None:
    """Of any of its trials."""
    assert not store.is_unfinished(house.cassettes, house.scenario)
    journal.begin_fresh(house.cassette(2), {})
    assert store.is_unfinished(house.cassettes, house.scenario)
    before = sorted(house.cassettes.rglob("*.yaml"))
    store.finish(house.cassettes, house.scenario)
    assert not store.is_unfinished(house.cassettes, house.scenario)
    assert sorted(one for one in house.cassettes.rglob("*") if one.is_file()) == before
