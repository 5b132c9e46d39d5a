"""Simulated time of a run on 1 to 1,000 workers, from the costs measured on one machine.

`python tests/studies/cluster_simulation.py [--cell-seconds S]`: a table of the seconds of a run by
its cells and workers, and what they are spent on. The engine's own constants are used; a worker
takes the next chunk when it has ended one, and the client takes one chunk at a time.
"""

# ruff: noqa: T201  a script prints

import argparse
import heapq
import math
from dataclasses import dataclass, replace

from flagbench.cluster.engine import _CHUNKS_PER_THREAD, _LEAST_COST


@dataclass(frozen=True)
class Costs:
    """Seconds and bytes; docs/scale.md has the source of each."""

    start: float  # a chunk, whatever is in it
    cell: float  # a cell on a worker
    dispatch: float  # a task, by the scheduler
    receive: float  # a chunk, by the client: two files and their fsync
    sent: float  # bytes of a cell's results
    merge_start: float
    merge: float  # a cell in the merge, which is one process
    project: float  # bytes of the project, compressed
    bandwidth: float  # bytes a second, of any machine


MEASURED = Costs(
    start=2.3, cell=0.0092, dispatch=0.001, receive=0.02, sent=4_900,
    merge_start=2.2, merge=0.0018, project=1e7, bandwidth=1.25e8,
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Seconds of a run, by what they are spent on; `ideal` are those of the cells alone."""

    chunks: int
    distribution: float
    replay: float
    merge: float
    ideal: float

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.distribution + self.replay + self.merge


def simulate(cells: int, series: int, workers: int, costs: Costs) -> Run:
    """A run of so many cells of a call each, a trial a series, and `series` in each scenario."""
    most = min(_CHUNKS_PER_THREAD * workers, 2 * cells // _LEAST_COST)
    chunks = min(cells, max(workers, most))
    own = cells / chunks
    # Neighbours are together: a chunk replays a control for the scenario in which it begins.
    busy = costs.start + (own + min(1.0, series / own)) * costs.cell
    free = [0.0] * min(workers, chunks)
    client = 0.0
    for number in range(chunks):
        ended = max(heapq.heappop(free), (number + 1) * costs.dispatch) + busy
        heapq.heappush(free, ended)
        client = max(client, ended) + costs.receive + own * costs.sent / costs.bandwidth
    rounds = math.ceil(math.log2(workers + 1))  # workers have the project from each other
    return Run(
        chunks=chunks,
        distribution=rounds * costs.project / costs.bandwidth,
        replay=client,
        merge=costs.merge_start + cells * costs.merge,
        ideal=cells * costs.cell / workers,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=60, help="series of a scenario")
    parser.add_argument("--cell-seconds", type=float, default=MEASURED.cell)
    given = parser.parse_args()
    costs = replace(MEASURED, cell=given.cell_seconds)
    print("| cells | workers | chunks | ideal s | send s | replay s | merge s | all s | speed-up |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for cells in (10_000, 100_000, 1_000_000, 10_000_000):
        alone = cells * (costs.cell + costs.merge) + costs.start + costs.merge_start
        for workers in (1, 10, 100, 1_000):
            run = simulate(cells, given.series, workers, costs)
            print(
                f"| {cells:,} | {workers:,} | {run.chunks:,} | {run.ideal:,.0f} "
                f"| {run.distribution:,.1f} | {run.replay:,.0f} | {run.merge:,.0f} "
                f"| {run.seconds:,.0f} | {alone / run.seconds:,.1f} |"
            )


if __name__ == "__main__":
    main()
