"""Recording of a scenario: every combination runs against a provider; missing calls are added."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flagbench import known_amounts
from flagbench.cassette import file, journal, lock, mismatch, store
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.cassette.vcr_adapter import recording
from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run import self_check
from flagbench.run.cell import run_cell
from flagbench.run.cell_run import CellRun
from flagbench.run.pace import Pace, PacedWire
from flagbench.run.provider_wire import MOST_ANSWER_SECONDS
from flagbench.scenario import designs
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider to record from. `secrets` are values that must never reach a file."""

    base_url: str
    api_key: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedUsage:
    """Requests and tokens that a recording added; `unknown` requests have unknown tokens.

    `service_calls` are calls of other services, which are none of the requests. `seconds` are the
    latencies of all of them, one after another, None where a part is unknown.
    """

    requests: int
    prompt_tokens: int
    completion_tokens: int
    unknown: int = 0
    service_calls: int = 0
    seconds: float | None = 0.0

    def __add__(self, other: "RecordedUsage") -> "RecordedUsage":
        return RecordedUsage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.unknown + other.unknown,
            self.service_calls + other.service_calls,
            None if self.seconds is None or other.seconds is None else self.seconds + other.seconds,
        )


NO_USAGE = RecordedUsage(0, 0, 0)


def combinations_of(scenario: Scenario) -> tuple[designs.Combination, ...]:
    """The combinations to record, with the control, which every series is compared with."""
    return designs.unique((scenario.control, *scenario.combinations))


def recording_order(scenario: Scenario, trial: int) -> tuple[designs.Combination, ...]:
    """The combinations in the order in which a trial is recorded: reversed in every second one.

    Over two trials each of two combinations is the later one once, so that a provider that drifts
    steadily slows or changes neither against the other. The simulated provider does not drift.
    """
    combinations = combinations_of(scenario)
    is_reversed = trial % 2 == 0 and scenario.provider != SIMULATED
    return combinations[::-1] if is_reversed else combinations


def record_trial(
    scenario: Scenario,
    trial: int,
    endpoint: Endpoint,
    *,
    cassettes: Path,
    fresh: bool,
    on_cell: Callable[[], None],
    pace: Pace | None = None,
) -> RecordedUsage:
    """Record a trial, with its requests at a `pace` that other recorders may share.

    Answers received before an interruption are kept: in the cassette, or for a fresh recording in
    its journal, since the old cassette stays until the new one is complete. The journal of a fresh
    recording stays until `store.finish`. What was recorded is replayed at the end. Raises
    `CouldNotRun` if the provider fails, if the disk is full, if the folder cannot be written, if
    another process records the cassette, or if the replay differs.
    """
    with lock.held(store.cassette_path(cassettes, scenario, trial)):
        return _record_trial(
            scenario, trial, endpoint, cassettes=cassettes, fresh=fresh, on_cell=on_cell,
            pace=pace,
        )  # fmt: skip


def _record_trial(
    scenario: Scenario,
    trial: int,
    endpoint: Endpoint,
    *,
    cassettes: Path,
    fresh: bool,
    on_cell: Callable[[], None],
    pace: Pace | None,
) -> RecordedUsage:
    cassette, pending = store.resume(cassettes, scenario, trial, fresh=fresh)
    before = len(cassette.interactions) - pending
    if not pending:
        # A journal that is there is of another kind of recording, or has nothing that is needed.
        journal.drop(cassette.path)
        if fresh:
            journal.begin_fresh(cassette.path, cassette.metadata)
    try:
        runs = record_cells(scenario, trial, cassette, endpoint, on_cell, pace=pace)
    except BaseException:
        if not fresh:
            save_journal(cassettes, scenario, trial)
        raise
    if fresh:
        # Calls of an interrupted recording that this one did not make are dropped.
        used = {call.place for run in runs.values() for call in run.calls}
        cassette = Cassette.of(
            cassette.path,
            cassette.metadata,
            [cassette.interactions[place] for place in sorted(used)],
            scenario.match,
        )
    if fresh or len(cassette.interactions) > before or not cassette.path.exists():
        file.save(cassette)
    if not fresh:
        journal.drop(cassette.path)
    if len(cassette.interactions) > before:
        self_check.check(scenario, trial, cassette.path, runs)
    return usage_of(cassette, before, scenario)


def save_journal(cassettes: Path, scenario: Scenario, trial: int) -> None:
    """Save the journal of an interrupted recording to its cassette.

    It is read from disk: the interrupt may have come between the journal and the cassette in
    memory.
    """
    cassette, pending = store.resume(cassettes, scenario, trial, fresh=False)
    if pending:
        file.save(cassette)
    journal.drop(cassette.path)


def usage_of(cassette: Cassette, first: int, scenario: Scenario) -> RecordedUsage:
    """Sum up the requests and tokens of the interactions from the `first` on."""
    added = cassette.counted_by(scenario.tokenizer).interactions[first:]
    new = [interaction for interaction in added if not interaction.service]
    usages = [interaction.known_usage for interaction in new]
    known = [usage for usage in usages if isinstance(usage, TokenUsage)]
    return RecordedUsage(
        len(new),
        sum(usage.prompt_tokens for usage in known),
        sum(usage.completion_tokens for usage in known),
        len(usages) - len(known),
        len(added) - len(new),
        known_amounts.total(interaction.elapsed_seconds for interaction in added),
    )


class _Wire(PacedWire):
    """The wire of a recording, which breaks after so many requests."""

    left: float = math.inf

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left < 0:
            what = "the subject sends too many requests to be forecast"
            raise CellStopped(CouldNotRun(Problem(what)))
        return super().handle_request(request)


def record_cells(
    scenario: Scenario,
    trial: int,
    cassette: Cassette,
    endpoint: Endpoint,
    on_cell: Callable[[], None],
    most_requests: float = math.inf,
    *,
    asks_services: bool = True,
    pace: Pace | None = None,
) -> dict[designs.Combination, CellRun]:
    """Run every combination, adding missing calls to the cassette. Returns the run of each.

    Raises `CouldNotRun` for a cell that sends more than `most_requests` to the provider.
    """
    runs = dict[designs.Combination, CellRun]()
    with _Wire(trust_env=False) as wire:
        wire.pace = pace
        for combination in recording_order(scenario, trial):
            wire.left = most_requests
            runs[combination] = _record_cell(
                scenario, combination, trial, cassette, endpoint, wire, asks_services=asks_services
            )
            on_cell()
    return runs


def _record_cell(
    scenario: Scenario,
    combination: designs.Combination,
    trial: int,
    cassette: Cassette,
    endpoint: Endpoint,
    wire: httpx.HTTPTransport,
    *,
    asks_services: bool,
) -> CellRun:
    return run_cell(
        scenario,
        combination,
        trial,
        opened=recording(
            cassette,
            endpoint.base_url,
            mismatch.explainer(scenario, combination, trial),
            endpoint.secrets,
            scenario.services,
            asks_services=asks_services,
        ),
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        wire=wire,
        wire_timeout_seconds=MOST_ANSWER_SECONDS,
    )
