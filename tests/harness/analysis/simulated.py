"""Data sets like ours, made up with a known truth, and how often the intervals cover it.

`python tests/harness/analysis/simulated.py` simulates 2,000 data sets of each kind, in
some minutes. Ours: eight scenarios of three or five trials; the control's tokens differ between
scenarios by 20 % and between trials by 8 %; what a flag saves differs between scenarios by 30 % and
between trials by 15 %, and in some kinds one trial in three is retried and costs 30 % more. Files
fail together, since a trial is good or bad as a whole, and some files fail always or never.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from flagbench.analysis.statistics import intervals, proportions
from flagbench.analysis.statistics.intervals import About, Values
from flagbench.analysis.statistics.proportions import Pairs

_CONTROL = 45_000.0
_KEPT = 0.4
_TRIAL, _OWN_A, _OWN_B = 0.08, 0.05, 0.15
_RETRIED, _MORE = 0.3, 0.3


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data set: trials in each scenario, what it is about, whether trials are retried."""

    trials: tuple[int, ...]
    about: About
    has_retries: bool = False
    between: float = 0.2
    saved_between: float = 0.3

    def __str__(self) -> str:
        retried = ", some retried" if self.has_retries else ""
        return f"{len(self.trials)} scenario(s), trials {self.trials}, {self.about}{retried}"


KINDS = tuple(
    Kind(trials, about, has_retries=retried)
    for retried in (False, True)
    for trials, about in (
        ((5, 5, 3, 3, 3, 3, 3, 3), About.SCENARIOS),
        ((5, 5, 3, 3, 3, 3, 3, 3), About.TRIALS),
        ((3, 3, 3, 3), About.SCENARIOS),
        ((5,), About.TRIALS),
        ((3,), About.TRIALS),
        ((10,), About.TRIALS),
    )
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """The groups, and the truth of the difference and of the log ratio."""

    groups: list[Values]
    difference: float
    log_ratio: float


def amounts(kind: Kind, draw: np.random.Generator) -> Iterator[DataSet]:
    """Data sets of a kind, without end.

    About trials, the scenarios are drawn once and are the same in every data set.
    """
    count = len(kind.trials)
    retries = 1 + _RETRIED * _MORE if kind.has_retries else 1.0
    # Means of log-normal values.
    mean_a = _CONTROL * np.exp((_TRIAL**2 + _OWN_A**2) / 2)
    mean_b = _CONTROL * _KEPT * retries * np.exp((_TRIAL**2 / 4 + _OWN_B**2) / 2)
    scenarios = draw.normal(0, kind.between, count), draw.normal(0, kind.saved_between, count)
    while True:
        if kind.about is About.SCENARIOS:
            scenarios = (
                draw.normal(0, kind.between, count),
                draw.normal(0, kind.saved_between, count),
            )
            spread_a, spread_b = kind.between**2, kind.between**2 + kind.saved_between**2
            difference = mean_b * np.exp(spread_b / 2) - mean_a * np.exp(spread_a / 2)
            log_ratio = np.log(mean_b / mean_a)
        else:
            size, saved = scenarios
            difference = (mean_b * np.exp(size + saved) - mean_a * np.exp(size)).mean()
            log_ratio = np.log(mean_b / mean_a) + saved.mean()
        groups = [
            _trials(trials, size, saved, kind, draw)
            for trials, size, saved in zip(kind.trials, *scenarios, strict=True)
        ]
        yield DataSet(groups, float(difference), float(log_ratio))


def _trials(count: int, size: float, saved: float, kind: Kind, draw: np.random.Generator) -> Values:
    common = draw.normal(0, _TRIAL, count)
    a = _CONTROL * np.exp(size + common + draw.normal(0, _OWN_A, count))
    b = _CONTROL * _KEPT * np.exp(size + saved + common / 2 + draw.normal(0, _OWN_B, count))
    if kind.has_retries:
        b = b * (1 + _MORE * (draw.random(count) < _RETRIED))
    return np.column_stack([a, b])


def coverage(kind: Kind, data_sets: int, seed: int) -> tuple[float, float]:
    """How often the limits of the difference, and of the ratio, hold the truth."""
    covered = [0, 0]
    source = amounts(kind, np.random.default_rng(seed))
    for _, one in zip(range(data_sets), source, strict=False):
        for place, (estimate, truth) in enumerate(
            (
                (intervals.difference(one.groups, kind.about), one.difference),
                (intervals.log_ratio(one.groups, kind.about), one.log_ratio),
            )
        ):
            if estimate.low is not None and estimate.high is not None:
                covered[place] += estimate.low <= truth <= estimate.high
    return covered[0] / data_sets, covered[1] / data_sets


def rate_coverage(scenarios: int, trials: int, data_sets: int, seed: int) -> float:
    """How often the limits of a rate's difference hold the truth, about other scenarios."""
    draw = np.random.default_rng(seed)
    many = proportions.total([_files(1, draw) for _ in range(20_000)])
    covered = 0
    for _ in range(data_sets):
        clusters = [_files(trials, draw) for _ in range(scenarios)]
        worth = proportions.total(clusters).scale(proportions.effective([clusters]))
        low, high = proportions.difference_limits(worth)
        covered += low <= many.difference <= high
    return covered / data_sets


def _files(trials: int, draw: np.random.Generator) -> Pairs:
    """A scenario: each file has its own chances, and each trial raises or lowers all of them."""
    count = int(draw.choice([4, 16, 24]))
    chances = np.stack(
        [
            draw.choice([0.0, 0.05, 0.5, 0.95, 1.0], count, p=[0.4, 0.1, 0.1, 0.2, 0.2]),
            draw.choice([0.0, 0.5, 0.95, 1.0], count, p=[0.05, 0.1, 0.35, 0.5]),
        ]
    )
    odds = chances / np.where(chances < 1, 1 - chances, 1.0)
    counts: list[Pairs] = []
    for _ in range(trials):
        moved = odds * np.exp(draw.normal(0, 1))
        now = np.where(chances < 1, moved / (1 + moved), 1.0)
        common = np.where(draw.random(count) < 0.5, draw.random(count), np.nan)
        own = draw.random((2, count))
        yes = np.where(np.isnan(common), own, common) < now
        a, b = yes
        counts.append(
            Pairs(
                both=int((a & b).sum()),
                only_a=int((a & ~b).sum()),
                only_b=int((~a & b).sum()),
                neither=int((~a & ~b).sum()),
            )
        )
    return proportions.total(counts)


def report(kinds: Sequence[Kind], data_sets: int) -> Iterator[str]:
    """A line for each kind of data set."""
    for seed, kind in enumerate(kinds):
        difference, ratio = coverage(kind, data_sets, seed)
        yield f"{kind}: difference {difference:.1%}, ratio {ratio:.1%}"
    for scenarios, trials in ((8, 3), (4, 3)):
        rate = rate_coverage(scenarios, trials, data_sets, seed=len(kinds))
        yield f"{scenarios} scenarios, {trials} trials, acceptance: difference {rate:.1%}"


if __name__ == "__main__":
    for line in report(KINDS, 2_000):
        print(line, flush=True)  # noqa: T201  a script's output
