"""A scenario with one request and one trial, whose subject a test writes."""

from collections.abc import Callable
from typing import Any

import pytest
from house import House

from flagbench.errors import CouldNotRun
from flagbench.series.series import MeasuredCell

HEAD = """
import itertools, json, os, openai
from flagbench.http_library import httpx
COUNT = itertools.count(1)  # goes on in every cell of the process

def ask(words, **more):
    texts = {"system": "You write code.", "user": words}
    messages = [{"role": role, "content": text} for role, text in texts.items()]
    client = openai.OpenAI()
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **more)

def run(requests, flags, workdir):
    number = next(COUNT)
    day, own = f"2026-11-{number % 28 + 1:02d}", f"{number:08x}-0000-4000-8000-{number:012x}"
"""


def lay_out(house: House, subject_module: Callable[[str], str], body: str, more: str = "") -> None:
    """Write the scenario, with a subject of this body."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    house.write(
        "title: Varies\nabout: A test.\ntrials: 1\nrequests: [one]\n"
        f"subject: {subject_module(HEAD + lines)}\n"
        f"factors: {{short: {{env: SHORT}}}}\n{more}"
    )


def record_varying(house: House, base_url: str, **more: Any) -> None:
    """Record a subject that sends other words each time; the check of the recording tells it."""
    with pytest.raises(CouldNotRun, match="a replay differs from what was recorded"):
        house.record(base_url, **more)


def replayed(house: House) -> MeasuredCell:
    """The control's only trial."""
    scenario = house.scenario
    return house.runner().cell_runner.cell(scenario, scenario.control, 1)
