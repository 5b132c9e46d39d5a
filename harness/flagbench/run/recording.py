"""Recording of a scenario: every combination runs against a provider; missing calls are added."""

import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flagbench import extras
from flagbench.cassette import file, journal, lock, mismatch, scrub, store
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.cassette.vcr_adapter import SentRequest, recording
from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run.cell import CellRun, run_cell
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
    """Requests and tokens that a recording added; `unknown` requests have unknown tokens."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    unknown: int = 0

    def __add__(self, other: "RecordedUsage") -> "RecordedUsage":
        return RecordedUsage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.unknown + other.unknown,
        )


NO_USAGE = RecordedUsage(0, 0, 0)

# Requests of a cell to the simulated provider after which a forecast gives up: a subject that waits
# for a tool call asks it without end.
FORECAST_REQUESTS = 1000

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
    return _usage_of(cassette, before, scenario)


def _save_journal(cassettes: Path, scenario: Scenario, trial: int) -> None:
    """Save the journal of an interrupted recording to its cassette.

    It is read from disk: the interrupt may have come between the journal and the cassette in
    memory.
    """
    cassette, pending = store.resume(cassettes, scenario, trial, fresh=False)
    if pending:
        file.save(cassette)
    journal.drop(cassette.path)


def _usage_of(cassette: Cassette, first: int, scenario: Scenario) -> RecordedUsage:
    """Sum up the requests and tokens of the interactions from the `first` on."""
    new = cassette.counted_by(scenario.tokenizer).interactions[first:]
    usages = [interaction.known_usage for interaction in new]
    known = [usage for usage in usages if isinstance(usage, TokenUsage)]
    return RecordedUsage(
        len(new),
        sum(usage.prompt_tokens for usage in known),
        sum(usage.completion_tokens for usage in known),
        len(usages) - len(known),
    )


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected usage of a recording, None where it cannot be known, for the `obstacle`."""

    usage: RecordedUsage | None
    obstacle: str = ""


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
        return Forecast(_expected(scenario, resumed))
    except CouldNotRun as error:
        if scenario.provider == SIMULATED:
            raise
        return Forecast(None, str(error.problems[0].what))


def _expected(scenario: Scenario, resumed: Sequence[Cassette]) -> RecordedUsage:
    """The usage against the simulated provider, over copies of the cassettes of all trials.

    A trial without a cassette is assumed to use as much as the first such trial with the same
    settings of the provider.
    """
    expected, like_new = NO_USAGE, dict[str, RecordedUsage]()
    with (
        tempfile.TemporaryDirectory(prefix="flagbench-") as folder,
        simulated(scenario) as stand_in,
    ):
        for trial, cassette in enumerate(resumed, start=1):
            before = len(cassette.interactions)
            settings = scenario.settings.in_trial(trial).model_dump_json()
            if not before and settings in like_new:
                expected += like_new[settings]
                continue
            path = store.cassette_path(Path(folder), scenario, trial)
            copy = Cassette.of(path, cassette.metadata, cassette.interactions)
            most = math.inf if scenario.provider == SIMULATED else FORECAST_REQUESTS
            _record_cells(scenario, trial, copy, stand_in, lambda: None, most_requests=most)
            usage = _usage_of(copy, before, scenario)
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


class _Wire(httpx.HTTPTransport):
    """The wire of a recording, which breaks after so many requests."""

    left: float = math.inf

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left < 0:
            what = "the subject sends too many requests to be forecast"
            raise CellStopped(CouldNotRun(Problem(what)))
        return super().handle_request(request)


def _record_cells(
    scenario: Scenario,
    trial: int,
    cassette: Cassette,
    endpoint: Endpoint,
    on_cell: Callable[[], None],
    most_requests: float = math.inf,
) -> set[int]:
    """Run every combination, adding missing calls to the cassette. Returns the places used.

    Raises `CouldNotRun` for a cell that sends more than `most_requests` to the provider.
    """
    used: set[int] = set()
    with _Wire(trust_env=False) as wire:
        for combination in combinations_of(scenario):
            wire.left = most_requests
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
        scenario.tested,
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
