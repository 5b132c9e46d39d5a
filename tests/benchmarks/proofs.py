"""What a proof costs in a warm sandbox, by kind: `python tests/benchmarks/proofs.py [rounds]`.

CPU time of the harness and of all processes below it, because wall time is that of a busy machine.
For another commit, put its checkout before this one: `PYTHONPATH=<it>/harness:<it>/generator`.
"""

import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import flagbench
from flagbench import subject, subject_loading
from flagbench.acceptance import reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Provable
from flagbench.acceptance.prover import judge_case
from flagbench.acceptance.sandbox.sandbox import Sandbox
from flagbench.scenario import loading

ROOT = Path(flagbench.__file__).resolve().parents[2]
ROUNDS = 10
# A project takes ten times as long as a file.
PROJECT_ROUNDS = 3


def cpu_seconds() -> float:
    """CPU time of this process, of those below it, and of all that these have waited for."""
    ticks, below = {}, defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        ticks[int(folder.name)] = sum(map(int, fields[11:15]))  # proc(5)
        below[int(fields[1])].append(int(folder.name))
    total, left = time.process_time(), list(below[os.getpid()])
    while left:
        process = left.pop()
        total += ticks[process] / os.sysconf("SC_CLK_TCK")
        left += below[process]
    return total


def cases() -> Iterator[tuple[str, Provable | None]]:
    """The files of the solution of `student`, and the project of `django-shop`."""
    for name, application in (("student", Application), ("django-shop", Projects)):
        scenario = loading.load(ROOT / "scenarios" / f"{name}.yaml")
        files = reference_solutions.load(ROOT / "scenarios" / "solutions" / name).files
        made = application(subject.scaffold_of(subject_loading.load(scenario.subject)))
        yield from made.after(scenario.acceptance[0], files)


def main() -> None:
    """Print a row for each."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    sys.stdout.write("| proof | CPU ms | wall ms |\n|---|---|---|\n")
    with Sandbox(WARM) as sandbox:
        for path, case in cases():
            assert case is not None
            assert judge_case(case, sandbox, {}).accepted  # starts what it needs
            taken, begun = [], cpu_seconds()
            for _ in range(rounds if "/" in path else PROJECT_ROUNDS):
                start = time.perf_counter()
                assert judge_case(case, sandbox, {}).accepted
                taken.append(time.perf_counter() - start)
            cpu, wall = (cpu_seconds() - begun) / len(taken), statistics.median(taken)
            sys.stdout.write(f"| {path} | {1000 * cpu:.0f} | {1000 * wall:.0f} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
