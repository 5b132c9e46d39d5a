"""What a sandbox costs, in milliseconds: `python tests/benchmarks/sandbox.py [walls...]`.

With no argument, for every wall, for none, and for each wall left out.
"""

import statistics
import sys
import time

from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.sandbox import isolation_checks
from flagbench.acceptance.sandbox.isolation import ALL, WALLS, isolation_of
from flagbench.acceptance.sandbox.sandbox import Sandbox

_CHILDREN = 60


def measure(walls: frozenset[str]) -> str:
    """One line: warming up, then medians until a child answers, of one more answer, of its end."""
    begun = time.perf_counter()
    with Sandbox(WARM, walls=walls) as sandbox:
        warm_seconds = time.perf_counter() - begun
        times = []
        for _ in range(_CHILDREN):
            start = time.perf_counter()
            with sandbox.child(isolation_checks.ANSWER, {"a.py": "x = 1\n"}) as child:
                child.ask({"walls": []})
                first = time.perf_counter()
                child.ask({"walls": []})
                second = time.perf_counter()
            times.append((first - start, second - first, time.perf_counter() - second))
        threads = sandbox._server.threads
    first, second, end = (1000 * statistics.median(column) for column in zip(*times, strict=True))
    words = isolation_of(walls, {}).words
    return (
        f"{1000 * warm_seconds:6.0f} warm ({threads} thread), {first:5.1f} first answer, "
        f"{second:5.2f} next, {end:4.1f} end: {words}"
    )


def main() -> None:
    """Print the lines asked for."""
    wanted = [frozenset(sys.argv[1:])] if sys.argv[1:] else [ALL, frozenset()]
    if not sys.argv[1:]:
        wanted += [ALL - {wall} for wall in WALLS]
    for walls in wanted:
        sys.stdout.write(measure(walls) + "\n")


if __name__ == "__main__":
    main()
