"""Recording: every combination of a scenario against a provider, adding only what is missing."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flagbench import extras, subject
from flagbench.cassette import file, journal, mismatch, store
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.vcr_adapter import SentRequest, recording
from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run.cell import CellRun, run_cell
from flagbench.scenario import designs
from flagbench.scenario.loading import Scenario


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to record. `secrets` are values that must never reach a file."""

    base_url: str
    api_key: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording added. Tokens are counted, not the provider's figure."""

    requests: int
    prompt_tokens: int
    completion_tokens: int

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


NOTHING = Recorded(0, 0, 0)

# Reading may take as long as a slow model needs; a provider that says nothing for longer hangs.
ANSWER_TIMEOUT_SECONDS = 120.0


def combinations_of(scenario: Scenario) -> tuple[designs.Combination, ...]:
    """What is run for a recording: the control too, since every series is held against it."""
    return designs.unique((scenario.control, *scenario.combinations))


def record_trial(
    scenario: Scenario,
    trial: int,
    endpoint: Endpoint,
    *,
    cassettes: Path,
    fresh: bool,
    on_cell: Callable[[], None],
) -> Recorded:
    """Record one trial.

    Whatever ends it, the answers received so far are kept: in the cassette, or for a fresh
    recording in its journal, since the old cassette stays until the new one is whole. The journal
    of a fresh recording stays until `recordings.finish`. Raises `CouldNotRun` when the provider
    fails or the disk is full.
    """
    tape, kept = store.resume(cassettes, scenario, trial, fresh=fresh)
    before = len(tape.interactions) - kept
    if not kept:
        # What may be there is of another kind of recording, or holds nothing that is needed.
        journal.drop(tape.path)
        if fresh:
            journal.begin_fresh(tape.path, tape.metadata)
    try:
        used = _record_cells(scenario, trial, tape, endpoint, on_cell)
    except BaseException:
        if not fresh:
            _keep(cassettes, scenario, trial)
        raise
    if fresh:
        # What an interrupted recording asked for and this one does not is forgotten as well.
        tape = Cassette.of(
            tape.path, tape.metadata, [tape.interactions[place] for place in sorted(used)]
        )
    if fresh or len(tape.interactions) > before or not tape.path.exists():
        file.save(tape)
    if not fresh:
        journal.drop(tape.path)
    return _added(tape.interactions[before:])


def _keep(cassettes: Path, scenario: Scenario, trial: int) -> None:
    """Save what is in the journal of a recording that ended before its time.

    It is read again: an interrupt may come between the journal and the tape.
    """
    tape, kept = store.resume(cassettes, scenario, trial, fresh=False)
    if kept:
        file.save(tape)
    journal.drop(tape.path)


def _added(interactions: Sequence[Interaction]) -> Recorded:
    """The requests and tokens of new interactions."""
    return Recorded(
        len(interactions),
        sum(interaction.usage.prompt_tokens for interaction in interactions),
        sum(interaction.usage.completion_tokens for interaction in interactions),
    )


def forecast(scenario: Scenario, *, cassettes: Path, fresh: bool) -> Recorded:
    """What recording will about cost, before it is paid.

    The same cells are run on copies of the cassettes, and what they lack is answered by the
    simulated provider. A trial without a cassette is taken to be like the first such trial with the
    same settings of the provider.
    """
    expected, like_new = NOTHING, dict[str, Recorded]()
    with (
        tempfile.TemporaryDirectory(prefix="flagbench-") as folder,
        simulated(scenario) as stand_in,
    ):
        for trial in range(1, scenario.trials + 1):
            # What an interrupted recording kept is paid for, and no part of the forecast.
            tape, _ = store.resume(cassettes, scenario, trial, fresh=fresh)
            before = len(tape.interactions)
            settings = scenario.settings.in_trial(trial).model_dump_json()
            if not before and settings in like_new:
                expected += like_new[settings]
                continue
            copy = store.cassette_path(Path(folder), scenario, trial)
            tape = Cassette.of(copy, tape.metadata, tape.interactions)
            _record_cells(scenario, trial, tape, stand_in, on_cell=lambda: None)
            found = _added(tape.interactions[before:])
            if not before:
                like_new[settings] = found
            expected += found
    return expected


@contextmanager
def simulated(scenario: Scenario) -> Iterator[Endpoint]:
    """The embedded provider with the scenario's settings, for as long as the context is open."""
    extras.require("simulator", "recording from the simulated provider, or a forecast,")
    from flagbench.simulator.server import running_provider  # noqa: PLC0415  an extra's

    with running_provider(scenario.settings, sleep=False) as base_url:
        yield Endpoint(base_url, "simulated", ())


def _record_cells(
    scenario: Scenario, trial: int, tape: Cassette, endpoint: Endpoint, on_cell: Callable[[], None]
) -> set[int]:
    """Run every combination, adding to the tape what it lacks. Returns the places that played."""
    used: set[int] = set()
    with httpx.HTTPTransport(trust_env=False) as wire:
        for combination in combinations_of(scenario):
            run = _record_cell(scenario, combination, trial, tape, endpoint, wire)
            used.update(call.place for call in run.calls)
            on_cell()
    return used


def _record_cell(
    scenario: Scenario,
    combination: designs.Combination,
    trial: int,
    tape: Cassette,
    endpoint: Endpoint,
    wire: httpx.HTTPTransport,
) -> CellRun:
    where = f"{scenario.path}::{combination.id} trial {trial}"

    def explain(tape: Cassette, asked: SentRequest) -> CouldNotRun:
        command = store.record_command(scenario)
        return mismatch.explain(tape, asked, where=where, record_command=command)

    return run_cell(
        subject.load(scenario.subject),
        scenario.requests,
        scenario.environment(combination),
        model=scenario.model,
        opened=recording(tape, endpoint.base_url, explain, endpoint.secrets),
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        trial=trial,
        wire=wire,
        wire_timeout_seconds=ANSWER_TIMEOUT_SECONDS,
    )
