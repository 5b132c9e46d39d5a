"""Regression adjustment of a difference between two recordings, tried on runs of gpt-4o-mini.

`python tests/studies/adjustment_study.py` prints, for each covariate, the variance that it removes
and the interval that it leaves, with its coverage. It exits with 1 if a covariate narrows the
interval and covers as well as without, so that the decision not to adjust is to be made again.
With CALLS, a table of single calls (run, sprint, prompt_tokens, completion_tokens, latency_s), it
prints as well what is known of a request before its first call. Seeded; 30 s of one core.

difference = mean(Y_B) - mean(Y_A) - theta * (mean(X_B) - mean(X_A)), theta = cov(Y, X) / var(X) of
the control. Deng, Xu, Kohavi, Walker: Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data (CUPED), WSDM 2013.
"""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from flagbench.analysis.statistics import intervals
from flagbench.analysis.statistics.intervals import About
from flagbench.reproduction.experiment.check import RUNS
from flagbench.reproduction.experiment.statistics import GENERATORS, Values, load

TRIALS = 5
# What the flag adds to each run of B; those of this suite change a run by as much.
EFFECT = 0.3
_SIMULATIONS = 1_000
_CHANCE = 0.001

PROMPT = "prompt tokens used"
LATENCY = "seconds beyond those of its calls and answers"
NOISE = "random numbers"
COVARIATES = (("tokens", PROMPT), ("seconds", PROMPT), ("seconds", LATENCY), ("tokens", NOISE))


@dataclass(frozen=True, slots=True)
class Runs:
    """A metric and a covariate of every run, without and with the flag; shapes (2, runs)."""

    metric: str
    covariate: str
    generator: str
    y: Values
    x: Values

    @property
    def removed(self) -> float:
        """The share of the variance between runs that the covariate explains."""
        return float(np.corrcoef(self.y[0], self.x[0])[0, 1] ** 2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the adjustment does: the mean width over that without it, and the coverages.

    `before` is the coverage without it; `covered` are those with it, where the flag has no effect
    and where it has one.
    """

    runs: Runs
    simulations: int
    width: float
    before: float
    covered: tuple[float, float]

    @property
    def is_worth_it(self) -> bool:
        """True if it is narrower, and the coverage is nominal within the chance of a study."""
        fewest = stats.binom.ppf(_CHANCE, self.simulations, intervals.LEVEL)
        return self.width < 1 and min(self.covered) * self.simulations >= fewest


def runs_of(metric: str, covariate: str, generator: str) -> Runs:
    """The runs of the public experiment."""
    table = load(RUNS)
    names = ("tokens_in", "api_calls", "tokens_out", "execution_time")
    prompt, calls, answers, seconds = (table[name, generator] for name in names)
    known = np.column_stack([np.ones_like(calls), calls, answers])
    beyond = seconds - known @ np.linalg.lstsq(known, seconds, rcond=None)[0]
    y = prompt + answers if metric == "tokens" else seconds
    x = {
        PROMPT: prompt,
        LATENCY: beyond,
        NOISE: np.random.default_rng(0).normal(size=len(calls)),
    }[covariate]
    # The flag adds work to a run, or makes its provider slower: a covariate that is measured in the
    # run moves with it.
    moved = {PROMPT: EFFECT * prompt, LATENCY: EFFECT * seconds, NOISE: np.zeros_like(x)}[covariate]
    return Runs(
        metric, covariate, generator, np.stack([y, y * (1 + EFFECT)]), np.stack([x, x + moved])
    )


def simulate(runs: Runs, simulations: int, seed: int) -> Outcome:
    """Draw so many pairs of recordings from the runs; the interval is that of `compare`."""
    draw = np.random.default_rng(seed)
    widths = np.empty((simulations, 2))
    covered = np.zeros(3)
    for number in range(simulations):
        a, b = draw.integers(0, runs.y.shape[1], (2, TRIALS))
        centred = runs.x[0, a] - runs.x[0, a].mean()
        spread = float(centred @ centred)
        theta = float(centred @ runs.y[0, a]) / spread if spread else 0.0
        for flag in (0, 1):
            truth = float((runs.y[flag] - runs.y[0]).mean())
            sides = runs.y[0, a], runs.y[flag, b]
            moved = theta * (runs.x[flag, b] - runs.x[0, a])
            low, high = _limits(sides[0], sides[1] - moved)
            covered[1 + flag] += low <= truth <= high
            if not flag:
                before = _limits(*sides)
                covered[0] += before[0] <= truth <= before[1]
                widths[number] = before[1] - before[0], high - low
    plain, adjusted = widths.mean(axis=0)
    without, *shares = (float(count) / simulations for count in covered)
    return Outcome(runs, simulations, float(adjusted / plain), without, (shares[0], shares[1]))


def _limits(a: Values, b: Values) -> tuple[float, float]:
    estimate = intervals.difference([np.column_stack([a, b])], About.TRIALS)
    assert estimate.low is not None and estimate.high is not None
    return estimate.low, estimate.high


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Lines of a Markdown table."""
    yield (
        "| metric | covariate | generator | variance removed | width | coverage without "
        "| coverage, no effect | coverage, the flag adds 30 % |"
    )
    yield "|---|---|---|---:|---:|---:|---:|---:|"
    for outcome in outcomes:
        runs = outcome.runs
        shares = " | ".join(f"{share:.3f}" for share in (outcome.before, *outcome.covered))
        yield (
            f"| {runs.metric} | {runs.covariate} | {runs.generator} | {runs.removed:.1%} "
            f"| {outcome.width:.0%} | {shares} |"
        )


def of_calls(path: Path) -> Iterator[str]:
    """What is known of a request before its first call: its number, and the prompt of that call."""
    calls: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            calls.setdefault((row["run"], row["sprint"]), []).append(row)
    first: dict[str, set[str]] = {}
    for (_, request), rows in calls.items():
        first.setdefault(request, set()).add(rows[0]["prompt_tokens"])
    numbers = ", ".join(str(len(first[request])) for request in sorted(first))
    yield f"{len(calls)} requests; lengths of the first prompt, by request: {numbers}"
    for metric, columns in (
        ("tokens", ("prompt_tokens", "completion_tokens")),
        ("seconds", ("latency_s",)),
    ):
        by_request: dict[str, list[float]] = {}
        for (_, request), rows in calls.items():
            total = sum(float(row[name]) for row in rows for name in columns)
            by_request.setdefault(request, []).append(total)
        groups = [np.array(values) for values in by_request.values()]
        whole = np.concatenate(groups)
        within = sum(float(group.var()) * len(group) for group in groups) / len(whole)
        yield f"{metric}: {1 - within / float(whole.var()):.1%} of the variance is between requests"


def main(paths: Sequence[str]) -> int:
    """Print the table; 1 if a covariate is worth adjusting by."""
    intervals.RESAMPLES = 1_999
    outcomes = [
        simulate(runs_of(metric, covariate, generator), _SIMULATIONS, seed=1)
        for metric, covariate in COVARIATES
        for generator in GENERATORS
    ]
    lines = [*table(outcomes), *(line for path in paths for line in of_calls(Path(path)))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return int(any(outcome.is_worth_it for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
