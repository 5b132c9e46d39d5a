"""Recording of a scenario: every combination runs against a provider; missing calls are added."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flagbench import extras, subject
from flagbench.cassette import file, journal, lock, mismatch, scrub, store
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.vcr_adapter import SentRequest, recording
from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run.cell import CellRun, run_cell
from flagbench.scenario import designs
from flagbench.scenario.loading import Scenario


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider to record from. `secrets` are values that must never reach a file."""

    base_url: str
    api_key: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedUsage:
    """Requests and tokens that a recording added. Tokens are counted, not the provider's figure."""

    requests: int
    prompt_tokens: int
    completion_tokens: int

    def __add__(self, other: "RecordedUsage") -> "RecordedUsage":
        return RecordedUsage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


NO_USAGE = RecordedUsage(0, 0, 0)

# Longer than a slow model needs for an answer.
ANSWER_TIMEOUT_SECONDS = 120.0


def combinations_of(scenario: Scenario) -> tuple[designs.Combination, ...]:
    """The combinations to record, with the control, which every series is compared with."""
    return designs.unique((scenario.control, *scenario.combinations))


def record_trial(
    scenario: Scenario,
    trial: int,
    endpoint: Endpoint,
    *,
    cassettes: Path,
    fresh: bool,
    on_cell: Callable[[], None],
) -> RecordedUsage:
    """Record a trial.

    Answers received before an interruption are kept: in the cassette, or for a fresh recording in
    its journal, since the old cassette stays until the new one is complete. The journal of a fresh
    recording stays until `store.finish`. Raises `CouldNotRun` if the provider fails, if the disk is
    full, if the folder cannot be written or if another process records the cassette.
    """
    with lock.held(store.cassette_path(cassettes, scenario, trial)):
        return _record_trial(
            scenario, trial, endpoint, cassettes=cassettes, fresh=fresh, on_cell=on_cell
        )


def _record_trial(
    scenario: Scenario,
    trial: int,
    endpoint: Endpoint,
    *,
    cassettes: Path,
    fresh: bool,
    on_cell: Callable[[], None],
) -> RecordedUsage:
    cassette, pending = store.resume(cassettes, scenario, trial, fresh=fresh)
    before = len(cassette.interactions) - pending
    if not pending:
        # A journal that is there is of another kind of recording, or has nothing that is needed.
        journal.drop(cassette.path)
        if fresh:
            journal.begin_fresh(cassette.path, cassette.metadata)
    try:
        used = _record_cells(scenario, trial, cassette, endpoint, on_cell)
    except BaseException:
        if not fresh:
            _save_journal(cassettes, scenario, trial)
        raise
    if fresh:
        # Calls of an interrupted recording that this one did not make are dropped.
        cassette = Cassette.of(
            cassette.path,
            cassette.metadata,
            [cassette.interactions[place] for place in sorted(used)],
        )
    if fresh or len(cassette.interactions) > before or not cassette.path.exists():
        file.save(cassette)
    if not fresh:
        journal.drop(cassette.path)
    return _usage_of(cassette.interactions[before:])


def _save_journal(cassettes: Path, scenario: Scenario, trial: int) -> None:
    """Save the journal of an interrupted recording to its cassette.

    It is read from disk: the interrupt may have come between the journal and the cassette in
    memory.
    """
    cassette, pending = store.resume(cassettes, scenario, trial, fresh=False)
    if pending:
        file.save(cassette)
    journal.drop(cassette.path)


def _usage_of(interactions: Sequence[Interaction]) -> RecordedUsage:
    """Sum up the requests and tokens of new interactions."""
    return RecordedUsage(
        len(interactions),
        sum(interaction.usage.prompt_tokens for interaction in interactions),
        sum(interaction.usage.completion_tokens for interaction in interactions),
    )


def forecast(scenario: Scenario, *, cassettes: Path, fresh: bool) -> RecordedUsage:
    """Estimate the usage of a recording before it is paid for.

    The same cells run on copies of the cassettes, and the simulated provider answers what these
    lack. A trial without a cassette is assumed to use as much as the first such trial with the same
    settings of the provider.
    """
    expected, like_new = NO_USAGE, dict[str, RecordedUsage]()
    with (
        tempfile.TemporaryDirectory(prefix="flagbench-") as folder,
        simulated(scenario) as stand_in,
    ):
        for trial in range(1, scenario.trials + 1):
            # Answers of an interrupted recording are paid for and not part of the forecast.
            cassette, _ = store.resume(cassettes, scenario, trial, fresh=fresh)
            before = len(cassette.interactions)
            settings = scenario.settings.in_trial(trial).model_dump_json()
            if not before and settings in like_new:
                expected += like_new[settings]
                continue
            copy = store.cassette_path(Path(folder), scenario, trial)
            cassette = Cassette.of(copy, cassette.metadata, cassette.interactions)
            _record_cells(scenario, trial, cassette, stand_in, on_cell=lambda: None)
            usage = _usage_of(cassette.interactions[before:])
            if not before:
                like_new[settings] = usage
            expected += usage
    return expected


@contextmanager
def simulated(scenario: Scenario) -> Iterator[Endpoint]:
    """Run the embedded provider with the scenario's settings while the context is open."""
    extras.require("simulator", "recording from the simulated provider, or a forecast,")
    from flagbench.simulator.server import running_provider  # noqa: PLC0415  an extra's

    with running_provider(scenario.settings, sleep=False) as base_url:
        yield Endpoint(base_url, "simulated", scrub.secrets_of(os.environ))


def _record_cells(
    scenario: Scenario,
    trial: int,
    cassette: Cassette,
    endpoint: Endpoint,
    on_cell: Callable[[], None],
) -> set[int]:
    """Run every combination, adding missing calls to the cassette. Returns the places used."""
    used: set[int] = set()
    with httpx.HTTPTransport(trust_env=False) as wire:
        for combination in combinations_of(scenario):
            run = _record_cell(scenario, combination, trial, cassette, endpoint, wire)
            used.update(call.place for call in run.calls)
            on_cell()
    return used


def _record_cell(
    scenario: Scenario,
    combination: designs.Combination,
    trial: int,
    cassette: Cassette,
    endpoint: Endpoint,
    wire: httpx.HTTPTransport,
) -> CellRun:
    where = f"{scenario.path}::{combination.id} trial {trial}"

    def explain(cassette: Cassette, request: SentRequest) -> CouldNotRun:
        command = store.record_command(scenario)
        return mismatch.explain(cassette, request, where=where, record_command=command)

    return run_cell(
        subject.load(scenario.subject),
        scenario.requests,
        scenario.environment(combination),
        model=scenario.model,
        opened=recording(cassette, endpoint.base_url, explain, endpoint.secrets),
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        trial=trial,
        wire=wire,
        wire_timeout_seconds=ANSWER_TIMEOUT_SECONDS,
    )
