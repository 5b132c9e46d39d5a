"""Fixtures that replay a subject written by a test, over the tiny cassette."""

import re
from collections.abc import Callable

import pytest
from house import House
from replay import FACTORS, HEAD, Replay, Stopped

from flagbench.errors import CouldNotRun
from flagbench.series.series import MeasuredCell


@pytest.fixture
def replay(house: House, subject_module: Callable[[str], str]) -> Replay:
    """Replays the control's first trial of a subject with this body, over the tiny cassette."""

    def run(body: str, head: str = HEAD) -> MeasuredCell:
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        dotted = subject_module(head + lines)
        text = house.scenario_file.read_text()
        named = f"subject: {dotted}\n{FACTORS}"
        house.write(re.sub(r"subject: .*\n(factors: .*\n)?", named, text))
        scenario = house.scenario
        return house.runner().cell_runner.cell(scenario, scenario.control, 1)

    return run


@pytest.fixture
def stopped(replay: Replay) -> Stopped:
    """Replays a subject that cannot be measured, and gives the reason."""

    def run(body: str, head: str = HEAD) -> str:
        with pytest.raises(CouldNotRun) as caught:
            replay(body, head)
        return str(caught.value)

    return run
