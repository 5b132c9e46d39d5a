"""What a proof costs, by kind of artifact: `python tests/benchmarks/proofs.py [rounds]`.

CPU seconds of the whole tree of processes, because wall time is that of a busy machine; as a ratio
to `python -c pass` on the same machine, at the same time.
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from flagbench import subject
from flagbench.acceptance import reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Provable
from flagbench.acceptance.prover import judge_case
from flagbench.acceptance.sandbox.sandbox import Sandbox
from flagbench.scenario import loading

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 10


def cpu_seconds() -> float:
    """CPU time of this process and of all that it has waited for, and those below them."""
    own, others = (resource.getrusage(who) for who in
                   (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def proven(case: Provable, rounds: int) -> tuple[float, list[float]]:
    """CPU seconds of a sandbox and all proofs in it, and the wall time of each proof."""
    begun, taken = cpu_seconds(), []
    with Sandbox(WARM) as sandbox:
        for _ in range(rounds):
            start = time.perf_counter()
            assert judge_case(case, sandbox, {}).accepted
            taken.append(time.perf_counter() - start)
    return cpu_seconds() - begun, taken


def python_seconds(rounds: int) -> float:
    """CPU seconds of a Python that does nothing."""
    begun = cpu_seconds()
    for _ in range(rounds):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (cpu_seconds() - begun) / rounds


def main() -> None:
    """Print a row for each file of the reference solution of `student`."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    scenario = loading.load(ROOT / "scenarios" / "student.yaml")
    files = reference_solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    scaffold = subject.scaffold_of(subject.load(scenario.subject))
    unit = python_seconds(rounds)
    sys.stdout.write(
        f"| file | CPU ms | CPU, in `python -c pass` ({1000 * unit:.0f} ms) | wall ms |\n"
    )
    sys.stdout.write("|---|---|---|---|\n")
    for path, case in Application(scaffold).after(scenario.acceptance[0], files):
        assert case is not None
        first, _ = proven(case, 1)
        all_, taken = proven(case, 1 + rounds)
        cpu, wall = (all_ - first) / rounds, statistics.median(taken[1:])
        sys.stdout.write(f"| {path} | {1000 * cpu:.0f} | {cpu / unit:.1f} | {1000 * wall:.0f} |\n")


if __name__ == "__main__":
    main()
