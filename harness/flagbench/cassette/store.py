"""Cassettes of a scenario: their paths, their metadata, and resuming an interrupted recording."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flagbench.cassette import file, journal
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.errors import CouldNotRun, Problem
from flagbench.scenario.loading import Scenario
from flagbench.shell_command import operand, shell_command
from flagbench.simulator.settings import SIMULATED


def cassette_path(folder: Path, scenario: Scenario, trial: int) -> Path:
    """The path of the cassette of a trial."""
    return folder / scenario.provider / scenario.name / f"{trial}.yaml"


def record_command(scenario: Scenario) -> str:
    """The shell command that records a scenario with the overrides of this run."""
    words = ["flagbench", "record", operand(str(scenario.path)), *scenario.overrides]
    if scenario.provider != SIMULATED:
        words += ["--provider", scenario.provider, "--base-url", "URL"]
    return shell_command(*words)


def metadata(scenario: Scenario, trial: int) -> dict[str, Any]:
    """The metadata of a cassette, including the settings of a simulated provider."""
    values: dict[str, Any] = {
        "provider": scenario.provider,
        "model": scenario.model,
        "scenario": scenario.name,
        "trial": trial,
    }
    if scenario.provider == SIMULATED:
        values["settings"] = scenario.settings.model_dump(exclude_defaults=True)
    return values


def check(cassette: Cassette, scenario: Scenario, trial: int) -> None:
    """Raise `CouldNotRun` for a cassette whose metadata differ from the scenario's."""
    difference = _difference(cassette.metadata, scenario, trial)
    if difference:
        raise CouldNotRun(
            Problem(
                f"the recording has expired: it was made with {difference}",
                where=str(cassette.path),
                fix=f"{record_command(scenario)} --fresh",
            )
        )


def resume(folder: Path, scenario: Scenario, trial: int, *, fresh: bool) -> tuple[Cassette, int]:
    """The cassette to continue recording, and how many of its answers are in the journal only.

    Answers that no client can use are left out, so that they are asked for again.
    A fresh recording continues the journal of an interrupted fresh one and nothing else. Raises
    `CouldNotRun` for damaged files, for other metadata, and for the journal of an interrupted fresh
    recording if this one is not fresh.
    """
    path = cassette_path(folder, scenario, trial)
    if journal.is_of_unknown_kind(path):
        raise CouldNotRun(
            Problem(
                "the first line is damaged, which says what the answers were recorded for",
                where=f"{journal.path_of(path)}:1",
                fix="delete the file to ask for these answers again",
            )
        )
    current, started = metadata(scenario, trial), journal.fresh_metadata(path)
    pending = _usable(journal.read(path))
    if fresh:
        if started is None or not pending:
            return Cassette.of(path, current, (), scenario.match), 0
        _check_started(started, scenario, trial, path)
        return Cassette.of(path, current, pending, scenario.match), len(pending)
    command = f"{record_command(scenario)} --fresh"
    if started is not None and pending:
        raise CouldNotRun(
            Problem(
                f"an interrupted --fresh recording has left {len(pending)} answers here",
                where=str(journal.path_of(path)),
                fix=f"{command} (which continues with them), or delete the file",
            )
        )
    cassette = Cassette.of(path, current, (), scenario.match)
    if _exists(path):
        recorded = file.load(path, record_command=command)
        check(recorded, scenario, trial)
        usable = _usable(recorded.interactions)
        cassette = Cassette.of(path, current, usable, scenario.match)
    if _ends_with(cassette, pending):
        pending = []
    for interaction in pending:
        cassette.add(interaction)
    return cassette, len(pending)


def damaged_answers(folder: Path, scenario: Scenario) -> list[str]:
    """The places, as `file:line`, of answers that an interrupted recording left damaged."""
    return [
        f"{journal.path_of(path)}:{number}"
        for path in _cassette_paths(folder, scenario)
        for number in journal.damaged_lines(path)
    ]


def interrupted_fresh(folder: Path, scenario: Scenario) -> dict[Path, int]:
    """Journals of an interrupted fresh recording, with the number of answers in each."""
    return {
        journal.path_of(path): len(journal.read(path))
        for path in _cassette_paths(folder, scenario)
        if journal.fresh_metadata(path) is not None
    }


def is_unfinished(folder: Path, scenario: Scenario) -> bool:
    """True if an interrupted recording left a journal, or if a trial has no cassette.

    The cassette of a trial without a call has no interactions.
    """
    return any(
        journal.path_of(path).exists() or not _exists(path)
        for path in _cassette_paths(folder, scenario)
    )


def trials_without(folder: Path, scenario: Scenario) -> list[int]:
    """The trials of a scenario that have no cassette."""
    paths = _cassette_paths(folder, scenario)
    return [trial for trial, path in enumerate(paths, start=1) if not _exists(path)]


def has_answers(folder: Path, scenario: Scenario) -> bool:
    """True if any cassette of a recorded scenario has an answer. Raises `CouldNotRun` as `load`."""
    command = record_command(scenario)
    return any(
        file.load(path, record_command=command).interactions
        for path in _cassette_paths(folder, scenario)
    )


def finish(folder: Path, scenario: Scenario) -> None:
    """Delete the journals of a recording whose cassettes are all written."""
    for path in _cassette_paths(folder, scenario):
        journal.drop(path)


def _usable(interactions: Iterable[Interaction]) -> list[Interaction]:
    return [interaction for interaction in interactions if not interaction.fault]


def _exists(path: Path) -> bool:
    """True for a cassette that can be tried to read, so that an error of it is reported."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        what = f"the cassette cannot be read ({error.strerror})"
        raise CouldNotRun(Problem(what, where=str(path))) from error
    return True


def _cassette_paths(folder: Path, scenario: Scenario) -> list[Path]:
    return [cassette_path(folder, scenario, trial) for trial in range(1, scenario.trials + 1)]


def _difference(recorded: Mapping[str, Any], scenario: Scenario, trial: int) -> str:
    """Describe the first difference of recorded metadata from the scenario's; "" for none."""
    for name, current in metadata(scenario, trial).items():
        if recorded.get(name) != current:
            return f"{name} {recorded.get(name)!r}, the scenario now says {current!r}"
    return ""


def _check_started(started: Mapping[str, Any], scenario: Scenario, trial: int, path: Path) -> None:
    difference = _difference(started, scenario, trial)
    if difference:
        raise CouldNotRun(
            Problem(
                f"the interrupted --fresh recording was made with {difference}",
                where=str(journal.path_of(path)),
                expected="the same values, to continue it",
                fix="delete the file to start over",
            )
        )


def _ends_with(cassette: Cassette, pending: Sequence[Interaction]) -> bool:
    """True if a recorder was killed after it saved these answers and before it deleted them."""
    last = cassette.interactions[len(cassette.interactions) - len(pending) :]
    return [saved.digest for saved in last] == [answer.digest for answer in pending]
