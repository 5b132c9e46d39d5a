"""Recording: every combination of a scenario against a provider, adding only what is missing."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import httpx2

from harness import drift, journal, matrix, meter, recordings, subject, tape_file
from harness.cassette import Asked, recording
from harness.errors import CouldNotRun
from harness.provider.server import running_provider
from harness.run import run_cell
from harness.scenario import Scenario
from harness.tape import Tape
from harness.tokens import TokenCounter


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


def combinations_of(scenario: Scenario) -> tuple[matrix.Combination, ...]:
    """What is run for a recording: the control too, since every series is held against it."""
    return matrix.unique((scenario.control, *scenario.combinations))


def record_trial(
    scenario: Scenario,
    trial: int,
    endpoint: Endpoint,
    counter: TokenCounter,
    *,
    cassettes: Path,
    fresh: bool,
    on_cell: Callable[[], None],
) -> Recorded:
    """Record one trial. Whatever ends it, the answers received so far are in the cassette.

    Raises `CouldNotRun` when the provider fails or the disk is full.
    """
    path = recordings.cassette_path(cassettes, scenario, trial)
    tape = _start(scenario, trial, path, fresh=fresh)
    before = len(tape.interactions) - len(journal.read(path))
    wire = httpx2.HTTPTransport(trust_env=False)
    try:
        for combination in combinations_of(scenario):
            _record_cell(scenario, combination, trial, tape, endpoint, wire)
            on_cell()
    finally:
        wire.close()
        if len(tape.interactions) > before or not path.exists():
            tape_file.save(tape)
    return weight_of(tape, before, counter)


def is_unfinished(scenario: Scenario, *, cassettes: Path) -> bool:
    """Whether an interrupted recording left answers that are in no cassette yet."""
    return any(
        journal.path_of(recordings.cassette_path(cassettes, scenario, trial)).exists()
        for trial in range(1, scenario.trials + 1)
    )


def weight_of(tape: Tape, since: int, counter: TokenCounter) -> Recorded:
    """What the interactions from place `since` on weigh."""
    weights = [meter.weigh(one, counter) for one in tape.interactions[since:]]
    return Recorded(
        len(weights),
        sum(one.prompt_tokens for one in weights),
        sum(one.completion_tokens for one in weights),
    )


def forecast(
    scenario: Scenario, counter: TokenCounter, *, cassettes: Path, fresh: bool
) -> Recorded:
    """What recording will about cost, before it is paid.

    The same cells are run on copies of the cassettes, and what they lack is answered by the
    simulated provider. A trial without a cassette is taken to be like the first such trial.
    """
    expected, like_new = NOTHING, None
    with (
        tempfile.TemporaryDirectory(prefix="flagbench-") as folder,
        simulated(scenario) as stand_in,
    ):
        for trial in range(1, scenario.trials + 1):
            path = recordings.cassette_path(cassettes, scenario, trial)
            is_new = fresh or not (path.exists() or journal.path_of(path).exists())
            if is_new and like_new is not None:
                expected += like_new
                continue
            copy = recordings.cassette_path(Path(folder), scenario, trial)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not is_new:
                for source in (path, journal.path_of(path)):
                    if source.exists():
                        copyfile(source, copy.with_name(source.name))
                # What an interrupted recording kept is paid for, and no part of the forecast.
                tape_file.save(_start(scenario, trial, copy, fresh=False))
            found = record_trial(
                scenario, trial, stand_in, counter,
                cassettes=Path(folder), fresh=False, on_cell=lambda: None,
            )  # fmt: skip
            like_new = found if is_new else like_new
            expected += found
    return expected


@contextmanager
def simulated(scenario: Scenario) -> Iterator[Endpoint]:
    """The embedded provider with the scenario's settings, for as long as the context is open."""
    with running_provider(scenario.settings, sleep=False) as base_url:
        yield Endpoint(base_url, "simulated", ())


def _start(scenario: Scenario, trial: int, path: Path, *, fresh: bool) -> Tape:
    """The tape to go on with: the cassette's, with what an interrupted recording kept."""
    made_for = recordings.metadata(scenario, trial)
    if fresh:
        journal.path_of(path).unlink(missing_ok=True)
        return Tape.of(path, made_for, ())
    if path.exists():
        command = recordings.record_command(scenario)
        tape = tape_file.load(path, record_command=f"{command} --fresh")
        recordings.check(tape, scenario, trial)
        tape = Tape.of(path, made_for, tape.interactions)
    else:
        tape = Tape.of(path, made_for, ())
    for interaction in journal.read(path):
        tape.add(interaction)
    return tape


def _record_cell(
    scenario: Scenario,
    combination: matrix.Combination,
    trial: int,
    tape: Tape,
    endpoint: Endpoint,
    wire: httpx2.HTTPTransport,
) -> None:
    where = f"{scenario.path}::{combination.id} trial {trial}"

    def explain(tape: Tape, asked: Asked) -> CouldNotRun:
        command = recordings.record_command(scenario)
        return drift.explain(tape, asked, where=where, record_command=command)

    run_cell(
        subject.load(scenario.subject),
        scenario.requests,
        scenario.environment(combination),
        model=scenario.model,
        opened=recording(tape, endpoint.base_url, explain, endpoint.secrets),
        base_url=endpoint.base_url,
        api_key=endpoint.api_key,
        trial=trial,
        wire=wire,
        timeout_seconds=ANSWER_TIMEOUT_SECONDS,
    )
