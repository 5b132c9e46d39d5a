"""Trials that a change has left without answers: their order, their budget, their forecast."""

import io
import os
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner
from house import House
from rich.console import Console

from flagbench.cassette import file, store
from flagbench.cassette.cassette import Cassette
from flagbench.cli.main import cli
from flagbench.cli.record_stale import record_stale
from flagbench.errors import ExitCode, InputError
from flagbench.run import forecast as forecasts
from flagbench.run.recording import RecordedUsage
from flagbench.run.trial_recorders import Trial
from flagbench.series import stale_trials
from flagbench.series.stale_trials import Budget


@pytest.fixture
def changed(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose second request was reworded; its second trial was recorded first."""
    house.edit("says hello", "says hello to everybody")
    os.utime(house.cassette(2), (1_000, 1_000))
    monkeypatch.chdir(house.path)
    return house


def record(*arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a recording of what is stale."""
    result = CliRunner().invoke(cli, ["record", "scenarios", "--stale", *arguments])
    lines = [line.rstrip() for line in result.stderr.splitlines()]
    return result.exit_code, [line.removeprefix("scenarios/tiny.yaml ") for line in lines]


def test_the_oldest_comes_first_and_has_its_forecast(changed: House) -> None:
    """Both series send the changed request, in either trial."""
    found = stale_trials.in_order(stale_trials.find([changed.scenario], changed.cassettes))
    assert [each.trial for each in found] == [2, 1]
    assert [each.expected.requests for each in found] == [2, 2]
    assert all(each.usd and each.expected.seconds for each in found)


def test_a_budget_leaves_the_rest_for_the_same_command(changed: House) -> None:
    """What is recorded is not stale any more, and the error of the forecast is reported."""
    before = [len(file.load(changed.cassette(n), record_command="").interactions) for n in (1, 2)]
    one = next(stale_trials.find([changed.scenario], changed.cassettes)).usd or 0
    code, lines = record("--budget-usd", str(one * 1.5))
    assert code == 3
    assert [line.split(":")[0] for line in lines] == [
        "trial 2", "trial 1", "in all", "trial 2", "forecast", "trial 1",
    ]  # fmt: skip
    assert lines[-1].endswith("is beyond the budget")
    assert "left for later" in lines[-1]
    assert "recorded: 2 requests" in lines[-2]
    forecast, recorded = re.findall(r"(?:under )?[\d.]+ minutes", lines[-2])[:2]
    assert forecast == recorded != "0.0 minutes"
    assert re.search(r"minutes \([+-]\d+\.\d%\) in .* minutes of real time", lines[-2])
    assert record()[0] == 0
    after = [len(file.load(changed.cassette(n), record_command="").interactions) for n in (1, 2)]
    assert after == [before[0] + 2, before[1] + 2]
    assert record() == (0, ["nothing is stale: every recorded trial has all its answers"])


def test_what_was_never_recorded_is_not_stale(
    empty_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named with the command that records it."""
    monkeypatch.chdir(empty_house.path)
    code, lines = record()
    assert code == 0
    assert lines[0] == "scenarios/tiny.yaml: never recorded; flagbench record scenarios/tiny.yaml"


def test_a_cost_that_is_unknown_counts_as_its_forecast(changed: House) -> None:
    """A provider may tell no usage, and a budget must bind all the same."""

    class Untold:
        """Records trials whose tokens nobody knows."""

        count = 1

        def __call__(
            self,
            take: Callable[[], Trial | None],
            done: Callable[[Trial, RecordedUsage], None],
            on_cell: Callable[[Trial], None],
        ) -> None:
            while (trial := take()) is not None:
                on_cell(trial)
                done(trial, RecordedUsage(2, 0, 0, unknown=2))

    stale = list(stale_trials.find([changed.scenario], changed.cassettes))
    one = stale[0].usd or 0
    told = io.StringIO()
    code = record_stale(stale, one * 1.5, Untold(), Console(file=told, width=300))
    assert code == ExitCode.COULD_NOT_RUN
    lines = told.getvalue().splitlines()
    assert "0 tokens and those of 2 requests, unknown, US$ unknown" in lines[0]
    assert "(unknown), US$ unknown" in lines[1]
    assert "left for later" in lines[2]


@pytest.mark.parametrize("arguments", [["--stale", "--fresh"], ["--budget-usd", "1"]])
def test_options_that_do_not_go_together(
    house: House, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """They are wrong input."""
    monkeypatch.chdir(house.path)
    result = CliRunner().invoke(cli, ["record", "scenarios", *arguments])
    assert isinstance(result.exception, InputError)


def test_a_forecast_that_was_too_low_makes_the_budget_cautious() -> None:
    """The next is expected to be as much dearer; one that was too high makes it no bolder."""
    budget = Budget(10.0)
    budget.spend(2.0, 4.0)
    assert (budget.admits(3.0), budget.admits(3.1)) == (True, False)
    thrifty = Budget(10.0)
    thrifty.spend(4.0, 2.0)
    assert (thrifty.admits(8.0), thrifty.admits(8.1)) == (True, False)


@pytest.mark.parametrize(("latency", "seconds"), [(2.0, 4.0), (None, None)])
def test_the_minutes_of_a_real_provider_are_those_recorded(
    house: House, latency: float | None, seconds: float | None
) -> None:
    """Each request takes the mean of the recorded ones; one that is unknown makes them unknown."""
    real = replace(house.scenario, provider="real")
    for trial in range(1, real.trials + 1):
        recorded = file.load(house.cassette(trial), record_command="")
        path = store.cassette_path(house.cassettes, real, trial)
        calls = [replace(call, elapsed_seconds=3.0) for call in recorded.interactions]
        calls[:2] = [replace(call, elapsed_seconds=each) for call, each in
                     zip(calls, (latency, 4.0), strict=False)]  # fmt: skip
        calls = calls[:2]
        file.save(Cassette.of(path, store.metadata(real, trial), calls, real.match))
    expected = forecasts.forecast(real, cassettes=house.cassettes, fresh=False)
    per_request = None if seconds is None else (2.0 + 4.0) / 2
    assert expected.usage and expected.usage.requests
    for usage in expected.by_trial:
        assert usage.seconds == (per_request and per_request * usage.requests)
