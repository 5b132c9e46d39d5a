"""A measured and judged series: its cells, its summary and its verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flagbench.acceptance.prover import ProvingCost
from flagbench.errors import Problem
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.changed_calls import ChangedCall
from flagbench.measurement.self_report import Contradiction
from flagbench.measurement.split import Split
from flagbench.measurement.summary import Summary
from flagbench.measurement.trace import Span
from flagbench.measurement.trace_rows import Trace
from flagbench.scenario.loading import Scenario
from flagbench.series.provisional import Provisional
from flagbench.verdict.baseline import Expected
from flagbench.verdict.explanation import Cause
from flagbench.verdict.verdict import Verdict

# Next to the scenarios: a folder of reference solutions, which must be accepted.
SOLUTIONS_FOLDER = "solutions"


@dataclass(frozen=True, slots=True)
class MeasuredCell:
    """A measured cell with its trace.

    `cpu_seconds` is the cost of replaying it, `local_cpu_seconds` the subject's own part. `used`
    are the places of the interactions it used, out of `recorded`. `refused` counts the calls
    refused by a counterfactual rate limit. Only the pictured trial has a `timeline`.
    `own_seconds` are the real ones of a command without a pending call.
    `texts` are its files by digest, `contradictions` the figures that the subject reports wrongly.
    Of a provisional replay, `changed` are the calls that a counterpart answered, and `before` says
    what was not as accepted before the first of them. `refuted` are the names and texts of refuted
    files, `reads` the files of the project that code under test has read before or in the cell. A
    known cell was not replayed in this run, and costs nothing.
    """

    measurement: CellResult
    cpu_seconds: float
    local_cpu_seconds: float
    used: tuple[int, ...]
    recorded: int
    refused: int = 0
    trace: Trace = field(default_factory=Trace)
    texts: Mapping[str, str] = field(default_factory=dict)
    contradictions: tuple[Contradiction, ...] = ()
    timeline: tuple[Span, ...] = ()
    own_seconds: float = 0.0
    changed: tuple[ChangedCall, ...] = ()
    before: tuple[str, ...] = ()
    refuted: tuple[tuple[str, str], ...] = ()
    starts_programs: bool = False
    reads: tuple[str, ...] = ()
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A judged series; `expected` is the baseline it was compared with, None for none.

    `local_work` is its CPU time in words, "" where it is small. `proving` is the cost of proving
    its artifacts, `causes` explain metrics that left the baseline, `obstacle` is the reason of a
    COULD NOT RUN. `stale` says how one that did not leave its baseline differs from what was
    accepted, `drift` how far accepted steps have led together. `provisional` is what is known of
    one that is PROVISIONAL. `split` is the exact split of tokens that differ from the accepted.
    `unseen` are the files of the project for which no cell is known, see `KnownCells`.
    """

    cells: tuple[MeasuredCell, ...]
    control: tuple[MeasuredCell, ...]
    summary: Summary
    expected: Mapping[str, Expected] | None
    verdict: Verdict
    proving: ProvingCost
    causes: tuple[Cause, ...] = ()
    stale: tuple[str, ...] = ()
    obstacle: Problem | None = None
    local_work: str = ""
    provisional: Provisional | None = None
    split: Split | None = None
    drift: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


def solution_folder(scenario: Scenario) -> Path:
    """The folder of a scenario's reference solution."""
    return scenario.path.parent / SOLUTIONS_FOLDER / scenario.name
