"""Where the recordings of a scenario are, what they were made for, and where one goes on."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flagbench.cassette import file, journal
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun, Problem
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED


def cassette_path(folder: Path, scenario: Scenario, trial: int) -> Path:
    """The cassette of a trial."""
    return folder / scenario.provider / scenario.name / f"{trial}.yaml"


def record_command(scenario: Scenario) -> str:
    """What records a scenario, as this run wants it; it can be copied into a shell."""
    words = ["flagbench", "record", str(scenario.path), *scenario.overrides]
    if scenario.provider != SIMULATED:
        words += ["--provider", scenario.provider, "--base-url", "URL"]
    return shlex.join(words)


def metadata(scenario: Scenario, trial: int) -> dict[str, Any]:
    """What a cassette says about itself. A simulated provider is told with its settings."""
    made_for: dict[str, Any] = {
        "provider": scenario.provider,
        "model": scenario.model,
        "scenario": scenario.name,
        "trial": trial,
    }
    if scenario.provider == SIMULATED:
        made_for["settings"] = scenario.settings.model_dump(exclude_defaults=True)
    return made_for


def check(tape: Cassette, scenario: Scenario, trial: int) -> None:
    """Refuse a recording that was made for something else. Raises `CouldNotRun`."""
    difference = _difference(tape.metadata, scenario, trial)
    if difference:
        raise CouldNotRun(
            Problem(
                f"the recording has expired: it was made with {difference}",
                where=str(tape.path),
                fix=f"{record_command(scenario)} --fresh",
            )
        )


def resume(folder: Path, scenario: Scenario, trial: int, *, fresh: bool) -> tuple[Cassette, int]:
    """The tape that a recording goes on with, and how many of its answers only a journal has.

    A fresh recording goes on with the journal of an interrupted fresh one and nothing else.
    Raises `CouldNotRun` for what is damaged, was made for something else, or is of an interrupted
    fresh recording while this one is not fresh.
    """
    path = cassette_path(folder, scenario, trial)
    made_for, begun_for = metadata(scenario, trial), journal.fresh_for(path)
    kept = journal.read(path)
    if fresh:
        if begun_for is None or not kept:
            return Cassette.of(path, made_for, ()), 0
        _check_begun(begun_for, scenario, trial, path)
        return Cassette.of(path, made_for, kept), len(kept)
    command = f"{record_command(scenario)} --fresh"
    if begun_for is not None and kept:
        raise CouldNotRun(
            Problem(
                f"an interrupted --fresh recording has left {len(kept)} answers here",
                where=str(journal.path_of(path)),
                fix=f"{command} (which goes on with them), or delete the file",
            )
        )
    tape = Cassette.of(path, made_for, ())
    if path.exists():
        recorded = file.load(path, record_command=command)
        check(recorded, scenario, trial)
        tape = Cassette.of(path, made_for, recorded.interactions)
    if _ends_with(tape, kept):
        kept = []
    for interaction in kept:
        tape.add(interaction)
    return tape, len(kept)


def interrupted_fresh(folder: Path, scenario: Scenario) -> dict[Path, int]:
    """The journals of an interrupted fresh recording, with the number of answers in each."""
    return {
        journal.path_of(path): len(journal.read(path))
        for path in _cassette_paths(folder, scenario)
        if journal.fresh_for(path) is not None
    }


def is_unfinished(folder: Path, scenario: Scenario) -> bool:
    """Whether an interrupted recording left a journal."""
    return any(journal.path_of(path).exists() for path in _cassette_paths(folder, scenario))


def finish(folder: Path, scenario: Scenario) -> None:
    """Forget the journals of a recording whose cassettes are all written."""
    for path in _cassette_paths(folder, scenario):
        journal.drop(path)


def _cassette_paths(folder: Path, scenario: Scenario) -> list[Path]:
    return [cassette_path(folder, scenario, trial) for trial in range(1, scenario.trials + 1)]


def _difference(made_for: Mapping[str, Any], scenario: Scenario, trial: int) -> str:
    """The first thing that a recording was made for and the scenario does not say, in words."""
    for name, wanted in metadata(scenario, trial).items():
        if made_for.get(name) != wanted:
            return f"{name} {made_for.get(name)!r}, the scenario now says {wanted!r}"
    return ""


def _check_begun(
    begun_for: Mapping[str, Any], scenario: Scenario, trial: int, cassette: Path
) -> None:
    difference = _difference(begun_for, scenario, trial)
    if difference:
        raise CouldNotRun(
            Problem(
                f"the interrupted --fresh recording was made with {difference}",
                where=str(journal.path_of(cassette)),
                expected="what it was begun with, to go on with its answers",
                fix="delete the file to start over",
            )
        )


def _ends_with(tape: Cassette, kept: Sequence[Interaction]) -> bool:
    """Whether a recorder was killed after it had saved these answers and before it forgot them."""
    last = tape.interactions[len(tape.interactions) - len(kept) :]
    return [one.digest for one in last] == [one.digest for one in kept]
