"""Calls, tokens and seconds of a request without any flag, beside those of the experiment.

flagbench run scenarios/academic-session-lean.yaml … --combination none --reports DIR
python tests/studies/two_controls.py DIR/latest
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from flagbench.measurement import results
from flagbench.measurement.cell_result import CellResult
from flagbench.reproduction.experiment.check import RUNS
from flagbench.reproduction.experiment.statistics import Values, load

_SCENARIOS = ("academic-session-lean", "student-lean", "academic-session", "student")
_REQUESTS_OF_THE_EXPERIMENT = 6


def _experiment() -> str:
    values = load(RUNS)

    def mean(metric: str) -> float:
        found: Values = values[metric, "baes"]
        return float(found.mean()) / _REQUESTS_OF_THE_EXPERIMENT

    return (
        f"| the experiment's generator, 600 requests | {mean('api_calls'):.2f} "
        f"| {mean('tokens_in'):,.0f} | {mean('tokens_out'):,.0f} | {mean('execution_time'):.0f} |"
    )


def _row(name: str, cells: Sequence[CellResult]) -> str:
    def mean(values: Sequence[float]) -> float:
        return fmean(
            value / len(cell.by_request) for value, cell in zip(values, cells, strict=True)
        )

    calls = mean([cell.calls for cell in cells])
    prompt, completion = (
        mean([getattr(cell, f"{part}_tokens") for cell in cells])
        for part in ("prompt", "completion")
    )
    seconds = mean([cell.seconds or float("nan") for cell in cells])
    return f"| `{name}` | {calls:.1f} | {prompt:,.0f} | {completion:,.0f} | {seconds:.0f} |"


def main(folder: Path) -> None:
    """Print the table of docs/simulated-against-real.md."""
    cells = results.load(folder)
    lines = [
        "| control | calls | prompt tokens | completion tokens | seconds |",
        "|---|---:|---:|---:|---:|",
        _experiment(),
        *(_row(name, [cell for cell in cells if cell.scenario == name]) for name in _SCENARIOS),
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
