"""Forecast of a recording: its usage, estimated with the simulated provider before it is paid."""

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flagbench import extras, known_amounts
from flagbench.cassette import file, scrub, store
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun, Problem
from flagbench.run import recording
from flagbench.run.recording import NO_USAGE, Endpoint, RecordedUsage
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED

# Requests of a cell to the simulated provider after which a forecast gives up: a subject that waits
# for a tool call asks it without end.
FORECAST_REQUESTS = 1000
# What it answers to a request that it cannot read, or at an address that it does not have.
_NOT_KNOWN = (400, 404, 405)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected usage of a recording, None where it cannot be known, for the `obstacle`.

    `by_trial` has the part of each trial, in their order. Its seconds are, for the simulated
    provider, those that it declares; for any other each request takes the mean of those that are
    recorded, and they are unknown without a recording.
    """

    usage: RecordedUsage | None
    obstacle: str = ""
    by_trial: tuple[RecordedUsage, ...] = ()


def forecast(scenario: Scenario, *, cassettes: Path, fresh: bool) -> Forecast:
    """Estimate the usage of a recording before it is paid for.

    The same cells run on copies of the cassettes, and the simulated provider answers what these
    lack. It knows plain chat completions only: a subject that calls otherwise, or that does not get
    on with its answers, has no forecast. Raises `CouldNotRun` for cassettes that cannot be
    continued, and for a simulated scenario, whose recording would fail in the same way.
    """
    # Answers of an interrupted recording are paid for and not part of the forecast.
    resumed = [
        store.resume(cassettes, scenario, trial, fresh=fresh)[0]
        for trial in range(1, scenario.trials + 1)
    ]
    try:
        by_trial = tuple(_expected(scenario, resumed))
        if scenario.provider != SIMULATED:
            mean = _recorded_latency(scenario, cassettes)
            by_trial = tuple(_at_latency(usage, mean) for usage in by_trial)
        return Forecast(sum(by_trial, NO_USAGE), by_trial=by_trial)
    except CouldNotRun as error:
        if scenario.provider == SIMULATED and not scenario.services:
            raise
        return Forecast(None, str(error.problems[0].what))


def _recorded_latency(scenario: Scenario, cassettes: Path) -> float | None:
    """Mean seconds of the recorded calls of a scenario; None where one is unknown, or without."""
    seconds = list[float | None]()
    for trial in range(1, scenario.trials + 1):
        path = store.cassette_path(cassettes, scenario, trial)
        try:
            calls = file.load(path, record_command="").interactions
        except CouldNotRun:  # not recorded; what is damaged was refused before
            continue
        seconds += [call.elapsed_seconds for call in calls if not call.service]
    return known_amounts.mean(seconds)


def _at_latency(usage: RecordedUsage, mean_seconds: float | None) -> RecordedUsage:
    """A usage whose requests take the mean latency of those that are recorded."""
    if not usage.requests:
        return replace(usage, seconds=0.0)
    known = None if mean_seconds is None else mean_seconds * usage.requests
    return replace(usage, seconds=known)


def _expected(scenario: Scenario, resumed: Sequence[Cassette]) -> Iterator[RecordedUsage]:
    """The usage of each trial against the simulated provider, over copies of the cassettes.

    A trial without a cassette is assumed to use as much as the first such trial with the same
    settings of the provider.
    """
    like_new = dict[str, RecordedUsage]()
    with (
        tempfile.TemporaryDirectory(prefix="flagbench-") as folder,
        simulated(scenario) as stand_in,
    ):
        for trial, cassette in enumerate(resumed, start=1):
            before = len(cassette.interactions)
            settings = scenario.settings.in_trial(trial).model_dump_json()
            if not before and settings in like_new:
                yield like_new[settings]
                continue
            path = store.cassette_path(Path(folder), scenario, trial)
            copy = Cassette.of(path, cassette.metadata, cassette.interactions, scenario.match)
            most = math.inf if scenario.provider == SIMULATED else FORECAST_REQUESTS
            recording.record_cells(
                scenario, trial, copy, stand_in, lambda: None, most_requests=most,
                asks_services=False,
            )  # fmt: skip
            if scenario.provider != SIMULATED:
                _check_answered(copy.interactions[before:])
            usage = recording.usage_of(copy, before, scenario)
            if not before:
                like_new[settings] = usage
            yield usage


def _check_answered(calls: Sequence[Interaction]) -> None:
    """Raise `CouldNotRun` for a call that the simulated provider, for want of knowing it, refused.

    A subject may go on after that, and the error has no tokens; the real answer will have some.
    """
    for call in calls:
        if call.status in _NOT_KNOWN:
            what = f"does not answer {call.method} {call.path} like this ({call.status})"
            raise CouldNotRun(Problem(f"the simulated provider {what}"))


@contextmanager
def simulated(scenario: Scenario) -> Iterator[Endpoint]:
    """Run the embedded provider with the scenario's settings while the context is open."""
    extras.require("simulator", "recording from the simulated provider, or a forecast,")
    from flagbench.simulator.server import running_provider  # noqa: PLC0415  an extra's

    with running_provider(scenario.settings, sleep=False) as base_url:
        yield Endpoint(base_url, "simulated", scrub.secrets_of(os.environ))
