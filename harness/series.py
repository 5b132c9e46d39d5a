"""A series that was run: its cells, its verdict, and where files of it are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.acceptance.prover import Effort
from harness.baseline import Expected
from harness.cell_result import CellResult
from harness.scenario import Scenario
from harness.steps import Span, Step
from harness.summary import Summary
from harness.verdict import Verdict
from harness.why import Cause

# Beside the scenarios: a folder for each that says what must be accepted.
SOLUTIONS_FOLDER = "solutions"


@dataclass(frozen=True, slots=True)
class Cell:
    """A measured cell, what replaying it cost here, and which of the recordings it used.

    `refused` are calls that another world's rate limit turned away. Only the trial that a picture
    shows has a `timeline`.
    """

    measurement: CellResult
    cpu_seconds: float
    used: tuple[int, ...]
    recorded: int
    refused: int = 0
    steps: tuple[Step, ...] = ()
    timeline: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """A judged series; `expected` is the baseline it was held against, None for none.

    `proving` is what it cost to prove what was generated, `why` what explains a metric that left
    the baseline.
    """

    cells: tuple[Cell, ...]
    control: tuple[Cell, ...]
    summary: Summary
    expected: Mapping[str, Expected] | None
    verdict: Verdict
    proving: Effort
    why: tuple[Cause, ...] = ()


def solution_folder(scenario: Scenario) -> Path:
    """Where the reference solution of a scenario is."""
    return scenario.path.parent / SOLUTIONS_FOLDER / scenario.name
