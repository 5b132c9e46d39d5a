"""A provider whose latency is the prompt, and what a command makes of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from commands import command_house
from scripted_provider import Answer, Received, ScriptedProvider, scripted_provider

from flagbench.errors import CouldNotRun
from flagbench.run.cell_run import CellRun

Ran = Callable[..., CellRun]


def _as_said(asked: Received) -> Answer:
    """An answer that takes as many seconds as the prompt says, else 1."""
    seconds = 1.0
    with suppress(ValueError):
        seconds = float(asked.prompt)
    return Answer(content=f"x = {len(asked.prompt)}\n", elapsed_ms=seconds * 1000)


@pytest.fixture(scope="session")
def provider() -> Iterator[ScriptedProvider]:
    """A provider of answers that take the seconds in the prompt."""
    with scripted_provider(_as_said) as running:
        yield running


@pytest.fixture
def ran(tmp_path: Path, provider: ScriptedProvider) -> Ran:
    """Records and replays a command; gives the run of the control's first trial."""

    def run(program: str, subject: str = "", more: str = "", combination: int = 0) -> CellRun:
        house = command_house(tmp_path, program, subject=subject, more=more)
        house.record(provider.base_url)
        scenario = house.scenario
        return house.runner().cell_runner.run(scenario, scenario.combinations[combination], 1)

    return run


@pytest.fixture
def refused(tmp_path: Path, provider: ScriptedProvider) -> Callable[..., str]:
    """Replays a command that cannot be measured over another's recording, and gives the reason."""

    def run(program: str, subject: str = "", more: str = "") -> str:
        house = command_house(tmp_path, 'ask("1")', more=more)
        house.record(provider.base_url)
        command_house(tmp_path, program, subject=subject, more=more)
        with pytest.raises(CouldNotRun) as caught:
            house.runner().cell_runner.run(house.scenario, house.scenario.control, 1)
        return str(caught.value)

    return run
