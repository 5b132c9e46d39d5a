"""What the real model made of each series: the first table of docs/real-model.md.

flagbench run scenarios/smollm2-*.yaml --reports DIR
python tests/real_model/results.py DIR/latest
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from flagbench.measurement import results
from flagbench.measurement.cell_result import CellResult

HEADER = (
    "scenario | series | trials | recognised | approved | accepted | calls | cut off "
    "| prompt tokens | completion tokens | seconds"
)


def _row(cells: Sequence[CellResult]) -> str:
    """A series: counts of all its trials, and means per trial of tokens and seconds.

    Where no model reads the requests there is none to recognise.
    """
    first, requests = cells[0], sum(cell.requests for cell in cells)
    failed = sum(cell.events.get("recognition_failed", 0) for cell in cells)
    asked = any("recogniser" in cell.by_agent for cell in cells)
    seconds = [cell.seconds for cell in cells if cell.seconds is not None]

    def share(rate: str) -> str:
        found = [cell.rates[rate] for cell in cells]
        return f"{sum(each.part for each in found)} of {sum(each.whole for each in found)}"

    columns = (
        f"`{first.scenario}`",
        f"`{first.combination}`",
        str(len(cells)),
        f"{requests - failed} of {requests}" if asked else "not asked",
        share("approval_rate"),
        share("acceptance_rate"),
        str(sum(cell.calls for cell in cells)),
        str(sum(cell.cut_off_calls for cell in cells)),
        f"{fmean(cell.prompt_tokens for cell in cells):,.0f}",
        f"{fmean(cell.completion_tokens for cell in cells):,.0f}",
        f"{fmean(seconds):,.0f}" if len(seconds) == len(cells) else "unknown",
    )
    return " | ".join(columns)


def main(folder: Path) -> None:
    """Print a row for each series, in the order of the run."""
    series: dict[tuple[str, str], list[CellResult]] = {}
    for cell in results.load(folder):
        series.setdefault((cell.scenario, cell.combination), []).append(cell)
    lines = [f"| {HEADER} |", "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    lines += [f"| {_row(cells)} |" for cells in series.values()]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
