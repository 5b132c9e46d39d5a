"""False FAILs of two recordings of unchanged code, over the spreads of the shipped scenarios.

`python tests/studies/aa_study.py [comparisons]` draws both sides alike, with the trials and the
spread of tokens of each accepted series, and prints the share of FAIL of `tokens > +2%`: the worst
series, those that vary by less than half, and the mean. It exits with 1 if a series fails more
often than 2.5 % and chance allow.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import coverage_study
from coverage_study import Outcome

from flagbench.analysis.statistics import intervals, planning
from flagbench.analysis.statistics.intervals import About
from flagbench.verdict import baseline_trace

BASELINES = Path(__file__).parents[2] / "baselines"
# What a comparison is mostly of: the control, and all flags.
SERIES = ("none", "all")
HALF = 0.5


def spreads(folder: Path) -> Iterator[tuple[str, planning.Spread]]:
    """Each accepted series with more than one trial, and the spread of its tokens."""
    for path in sorted(folder.glob("*.steps.json")):
        for name, trace in baseline_trace.load(path).items():
            tokens = Counter[int]()
            for step in trace.steps:
                tokens[step.trial] += step.tokens
            seen = planning.spread(list(tokens.values()), is_percent=True) if tokens else None
            if name in SERIES and seen is not None:
                yield f"{path.name.removesuffix('.steps.json')}::{name}", seen


def simulate(name: str, seen: planning.Spread, comparisons: int, seed: int) -> Outcome:
    """Comparisons of recordings that differ by their noise alone."""
    draw = coverage_study.noisy((seen.trials,), seen.deviation, 0.0)
    design = coverage_study.Design(name, "tokens", About.TRIALS, 0.0, draw)
    return coverage_study.simulate(design, comparisons, seed)


def main(comparisons: int) -> int:
    """Print the worst series and the mean; 1 if a series is above the nominal share."""
    intervals.RESAMPLES = 1_999
    series = list(spreads(BASELINES))
    found = [
        simulate(
            f"{name} ({seen.trials} trials, spread {seen.deviation:.1%})", seen, comparisons, seed
        )
        for seed, (name, seen) in enumerate(series, 1)
    ]
    worst = sorted(found, key=lambda outcome: -outcome.failed)
    for outcome in worst[:5]:
        sys.stdout.write(f"| {outcome.design.name} | {outcome.failed:.1%} |\n")
    steady = [
        (seen.deviation, outcome.failed)
        for (_, seen), outcome in zip(series, found, strict=True)
        if seen.deviation < HALF
    ]
    widest, most = (max(values) for values in zip(*steady, strict=True))
    sys.stdout.write(f"| spread up to {widest:.0%}: {len(steady)} series | at most {most:.1%} |\n")
    mean = sum(outcome.failed for outcome in found) / len(found)
    sys.stdout.write(f"| mean of {len(found)} series | {mean:.2%} |\n")
    return int(not all(outcome.is_within for outcome in found))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
