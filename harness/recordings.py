"""Where the recordings of a scenario are, and what they must have been made for."""

import shlex
from pathlib import Path
from typing import Any

from harness.errors import CouldNotRun, Problem
from harness.scenario import Scenario
from harness.tape import Tape

SIMULATED = "simulated"


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


def check(tape: Tape, scenario: Scenario, trial: int) -> None:
    """Refuse a recording that was made for something else. Raises `CouldNotRun`."""
    for name, wanted in metadata(scenario, trial).items():
        recorded = tape.metadata.get(name)
        if recorded != wanted:
            raise CouldNotRun(
                Problem(
                    f"the recording has expired: it was made with {name} {recorded!r}, "
                    f"the scenario now says {wanted!r}",
                    where=str(tape.path),
                    mend=f"{record_command(scenario)} --fresh",
                )
            )
