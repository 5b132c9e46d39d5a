"""A series that was run: its cells, its verdict, and where files of it are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flagbench.acceptance.prover import ProvingCost
from flagbench.errors import Problem
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.summary import Summary
from flagbench.measurement.trace import Span, TraceStep
from flagbench.scenario.loading import Scenario
from flagbench.verdict.baseline import Expected
from flagbench.verdict.explanation import Cause
from flagbench.verdict.verdict import Verdict

# Beside the scenarios: a folder for each that says what must be accepted.
SOLUTIONS_FOLDER = "solutions"


@dataclass(frozen=True, slots=True)
class MeasuredCell:
    """A measured cell, what replaying it cost here, and which of the recordings it used.

    `refused` are calls that another world's rate limit turned away. Only the trial that a picture
    shows has a `timeline`.
    """

    measurement: CellResult
    cpu_seconds: float
    used: tuple[int, ...]
    recorded: int
    refused: int = 0
    steps: tuple[TraceStep, ...] = ()
    timeline: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """A judged series; `expected` is the baseline it was held against, None for none.

    `proving` is what it cost to prove what was generated, `why` what explains a metric that left
    the baseline. `obstacle` is the reason of a COULD NOT RUN.
    """

    cells: tuple[MeasuredCell, ...]
    control: tuple[MeasuredCell, ...]
    summary: Summary
    expected: Mapping[str, Expected] | None
    verdict: Verdict
    proving: ProvingCost
    why: tuple[Cause, ...] = ()
    obstacle: Problem | None = None


def solution_folder(scenario: Scenario) -> Path:
    """Where the reference solution of a scenario is."""
    return scenario.path.parent / SOLUTIONS_FOLDER / scenario.name
