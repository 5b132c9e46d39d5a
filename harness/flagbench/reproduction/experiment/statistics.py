"""Statistics that the experiment's report has, from the figures of its runs."""

import csv
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from flagbench.errors import InputError, Problem

Values = NDArray[np.float64]
GENERATORS = ("ghspec", "baes", "chatdev")
ALL = "all"
_RESAMPLES, _SEED = 10_000, 42
# US dollars per million tokens of gpt-4o-mini, as the experiment counted: input, cached, output.
_INPUT, _CACHED, _OUTPUT = 0.15, 0.075, 0.60
_STEPS = tuple(f"step{number}_s" for number in range(1, 7))


def _dollars(run: Mapping[str, float]) -> float:
    fresh = run["tokens_in"] - run["cached_tokens"]
    spent = fresh * _INPUT + run["cached_tokens"] * _CACHED + run["tokens_out"] * _OUTPUT
    return spent / 1e6


# Metric -> its value of a run. The time is that of the six requests, without what is around them.
METRICS: Mapping[str, Callable[[Mapping[str, float]], float]] = {
    "api_calls": lambda run: run["api_calls"],
    "cached_tokens": lambda run: run["cached_tokens"],
    # Added up as it was published: `sum` is exact since Python 3.12, which differs in a last digit.
    "execution_time": lambda run: reduce(operator.add, (run[step] for step in _STEPS)),
    "tokens_in": lambda run: run["tokens_in"],
    "tokens_out": lambda run: run["tokens_out"],
    "tokens_total": lambda run: run["tokens_in"] + run["tokens_out"],
    "total_cost_usd": _dollars,
}
_COLUMNS = ("api_calls", "tokens_in", "tokens_out", "cached_tokens", *_STEPS)


def load(path: Path) -> Mapping[tuple[str, str], Values]:
    """The values by metric and generator, of a table of runs. Raises `InputError`."""
    expected = f"a table of runs: framework, {', '.join(_COLUMNS)}"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        runs = [(row["framework"], {name: float(row[name]) for name in _COLUMNS}) for row in rows]
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError, csv.Error) as error:
        what = f"cannot be read as runs: {error}"
        raise InputError(Problem(what, str(path), expected)) from error
    found = {
        (metric, generator): np.array([value(run) for name, run in runs if name == generator])
        for metric, value in METRICS.items()
        for generator in GENERATORS
    }
    if absent := sorted({name for (_, name), values in found.items() if len(values) < 3}):
        what = f"fewer than three runs of {', '.join(absent)}"
        raise InputError(Problem(what, str(path), expected))
    return found


def describe(values: Values) -> Mapping[str, float]:
    """The descriptive statistics, and W of Shapiro and Wilk. Outliers are those of Tukey."""
    first, third = np.percentile(values, [25, 75])
    spread = third - first
    outside = (values < first - 1.5 * spread) | (values > third + 1.5 * spread)
    return {
        "n": len(values),
        "mean": float(values.mean()),
        "median": float(np.median(values)),
        "sd": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
        "q1": float(first),
        "q3": float(third),
        "iqr": float(spread),
        "skewness": float(stats.skew(values)),
        "kurtosis": float(stats.kurtosis(values)),
        "outliers": int(outside.sum()),
        "shapiro_w": float(stats.shapiro(values).statistic),
    }


def across(groups: Sequence[Values]) -> Mapping[str, float]:
    """Tests over all generators: Levene around the median, and Kruskal and Wallis."""
    return {
        "levene_w": float(stats.levene(*groups, center="median").statistic),
        "kruskal_h": float(stats.kruskal(*groups).statistic),
    }


def separation(a: Values, b: Values) -> Mapping[str, float]:
    """Cliff's delta of two generators, with the limits of 10,000 bootstrap samples at 95 %."""
    delta = cliffs_delta(a, b)
    draw = np.random.default_rng(_SEED)
    # Generators without any overlap have none in a sample either.
    sampled = (
        [delta]
        if abs(delta) == 1
        else [
            cliffs_delta(draw.choice(a, len(a)), draw.choice(b, len(b))) for _ in range(_RESAMPLES)
        ]
    )
    low, high = np.percentile(sampled, [2.5, 97.5])
    return {
        "cliffs_delta": delta,
        "cliffs_delta_low": float(low),
        "cliffs_delta_high": float(high),
    }


def cliffs_delta(a: Values, b: Values) -> float:
    """The share of pairs in which a value of `a` is the higher, minus that in which it is lower."""
    ordered = np.sort(b)
    lower = np.searchsorted(ordered, a, side="left").sum()
    higher = (len(b) - np.searchsorted(ordered, a, side="right")).sum()
    return float(lower - higher) / (len(a) * len(b))
