"""Simulated time of a run on 1 to 1,000 workers, from the costs measured on one machine.

`python tests/studies/cluster_simulation.py`: a table of the hours of a run by its cells and
workers, and what the time of the largest is spent on. The engine's own constants are used; a
worker takes the next chunk when it has ended one, and the client takes one chunk at a time.
"""

# ruff: noqa: T201  a script prints

import argparse
import heapq
import math
from dataclasses import dataclass

from flagbench.cluster.engine import _CHUNKS_PER_THREAD, _LEAST_COST


@dataclass(frozen=True)
class Costs:
    """Seconds and bytes, of which each has a source in docs/scale.md."""

    start: float  # a chunk's process, until its first series and after its last
    cell: float  # a cell of `calls` calls on a worker
    calls: int
    collect: float  # the collection of a series, by the client and by each chunk
    dispatch: float  # a task, by Dask's scheduler
    receive: float  # a chunk, by the client: files, fsync
    sent: float  # bytes of a cell's results
    merge: float  # a cell in the merge, which is one process
    project: float  # bytes of the project's compressed tar
    bandwidth: float  # bytes a second, of any machine


@dataclass(frozen=True)
class Run:
    """Seconds of a simulated run, by what they are spent on; `workers` overlap."""

    chunks: int
    client: float
    distribution: float
    workers: float
    merge: float
    ideal: float

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.client + self.distribution + self.workers + self.merge


def simulate(cells: int, trials: int, control: int, workers: int, costs: Costs) -> Run:
    """A run of so many cells; each scenario has `control` series, of which one is its control."""
    series = cells // trials
    total = cells * costs.calls * 2
    chunks = min(series, max(workers, min(_CHUNKS_PER_THREAD * workers, total // _LEAST_COST)))
    own = cells / chunks
    # A chunk is neighbours: it replays the control of each scenario in which it does not begin.
    controls = trials * max(1.0, own / (trials * control)) if chunks > 1 else 0
    busy = costs.start + costs.collect * series + (own + controls) * costs.cell
    free = [0.0] * min(workers, chunks)
    client = 0.0
    for number in range(chunks):
        began = max(heapq.heappop(free), (number + 1) * costs.dispatch)
        ended = began + busy
        heapq.heappush(free, ended)
        client = max(client, ended) + costs.receive + own * costs.sent / costs.bandwidth
    rounds = math.ceil(math.log2(workers + 1))  # workers fetch the project from each other
    return Run(
        chunks=chunks,
        client=costs.collect * series,
        distribution=rounds * costs.project / costs.bandwidth,
        workers=client,
        merge=cells * costs.merge,
        ideal=cells * costs.cell / workers,
    )


MEASURED = Costs(
    start=4.3, cell=0.0094, calls=10, collect=0.0004, dispatch=0.001, receive=0.02,
    sent=9_000, merge=0.002, project=1e6, bandwidth=1.25e8,
)  # fmt: skip


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--series", type=int, default=100, help="series of a scenario")
    parser.add_argument("--cell-seconds", type=float, default=MEASURED.cell)
    given = parser.parse_args()
    costs = Costs(**{**MEASURED.__dict__, "cell": given.cell_seconds})
    print("| cells | workers | chunks | ideal s | collect s | send s | replay s | merge s | all s "
          "| of ideal speed |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")  # fmt: skip
    for cells in (10_000, 100_000, 1_000_000, 10_000_000):
        for workers in (1, 10, 100, 1_000):
            run = simulate(cells, given.trials, given.series, workers, costs)
            print(f"| {cells:,} | {workers:,} | {run.chunks:,} | {run.ideal:,.0f} "
                  f"| {run.client:,.0f} | {run.distribution:,.1f} | {run.workers:,.0f} "
                  f"| {run.merge:,.0f} | {run.seconds:,.0f} | {run.ideal / run.seconds:.0%} |",
                  )  # fmt: skip


if __name__ == "__main__":
    main()
