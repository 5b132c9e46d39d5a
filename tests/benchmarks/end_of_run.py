"""CPU time of the end of a run: `python tests/benchmarks/end_of_run.py [FOLDER]`.

The results in FOLDER (`reports/latest`) are published again by a new process each time: with
nothing kept, with the pictures of an earlier page, and with the page.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from flagbench.measurement import results
from flagbench.measurement.cell_result import CellResult
from flagbench.report import kept_pages, publish
from flagbench.report.data import series_file
from flagbench.run.options import Options

ROUNDS = 3


def _publish(stored: Path, work: Path) -> None:
    """Publish the stored results; proofs and reports are in `work`."""
    cells = results.load(stored)
    by_series: dict[tuple[str, str], list[CellResult]] = {}
    for cell in cells:
        by_series.setdefault((cell.scenario, cell.combination), []).append(cell)
    scenarios = dict.fromkeys(scenario for scenario, _ in by_series)
    members = [
        replace(member, cells=by_series.get((scenario, member.combination), ()))
        for scenario in scenarios
        for member in series_file.load(stored, scenario)
    ]
    options = Options(
        cassettes=work, baselines=work, reports=work / "reports", proofs=work / "proofs"
    )
    publish.finish(members, options, root=Path.cwd(), interrupted=False)


def _cpu_seconds(stored: Path, work: Path) -> float:
    """CPU seconds of a process that publishes."""
    before = os.times()
    subprocess.run([sys.executable, __file__, str(stored), str(work)], check=True)
    after = os.times()
    return (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )


def main() -> None:
    """Print a row for each way, as a ratio of the first."""
    stored = Path(sys.argv[1] if sys.argv[1:] else "reports/latest")
    taken: dict[str, list[float]] = {"nothing kept": [], "pictures kept": [], "page kept": []}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            for way, times in taken.items():
                if way == "pictures kept":
                    (work / "proofs" / kept_pages.FILE_NAME).unlink()
                times.append(_cpu_seconds(stored, work))
    sys.stdout.write("| end of a run | CPU s | ratio |\n|---|---|---|\n")
    first = min(taken["nothing kept"])
    for way, seconds in taken.items():
        sys.stdout.write(f"| {way} | {min(seconds):.2f} | {min(seconds) / first:.2f} |\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _publish(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
