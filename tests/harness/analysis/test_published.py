"""A published comparison of three generators comes out of the same code."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from flagbench.analysis.statistics import effect_sizes
from flagbench.analysis.statistics.effect_sizes import Values

RUNS = Path(__file__).parents[2] / "fixtures" / "generators" / "runs.csv"


@pytest.fixture(scope="module")
def runs() -> dict[str, dict[str, Values]]:
    """Generator -> metric -> its 100 values."""
    with RUNS.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    names = sorted({row["generator"] for row in rows})
    metrics = ("api_calls", "tokens_in", "tokens_out")
    table = {
        name: {
            metric: np.array([float(row[metric]) for row in rows if row["generator"] == name])
            for metric in metrics
        }
        for name in names
    }
    for values in table.values():
        values["tokens_total"] = values["tokens_in"] + values["tokens_out"]
    return table


@pytest.mark.parametrize(
    ("metric", "generator", "mean", "median"),
    [
        ("api_calls", "ghspec", 89.91, 89.0),
        ("api_calls", "baes", 18.31, 18.0),
        ("api_calls", "chatdev", 116.01, 111.0),
        ("tokens_in", "ghspec", 294720.58, 288673.5),
        ("tokens_in", "baes", 35750.29, 35167.0),
        ("tokens_in", "chatdev", 154917.44, 146999.5),
        ("tokens_out", "ghspec", 52490.18, 51643.0),
        ("tokens_out", "baes", 9372.01, 9031.5),
        ("tokens_out", "chatdev", 50550.52, 48016.5),
        ("tokens_total", "ghspec", 347210.76, 338787.0),
        ("tokens_total", "baes", 45122.30, 44198.5),
        ("tokens_total", "chatdev", 205467.96, 193778.5),
    ],
)
def test_means_and_medians(
    runs: dict[str, dict[str, Values]], metric: str, generator: str, mean: float, median: float
) -> None:
    """To the last published digit."""
    values = runs[generator][metric]
    assert values.size == 100
    assert round(float(values.mean()), 2) == mean
    assert float(np.median(values)) == median


@pytest.mark.parametrize(
    ("metric", "statistic"),
    [
        ("api_calls", 241.6996),
        ("tokens_in", 268.2744),
        ("tokens_out", 204.0254),
        ("tokens_total", 262.9445),
    ],
)
def test_kruskal_wallis(runs: dict[str, dict[str, Values]], metric: str, statistic: float) -> None:
    """H, corrected for ties; p is below 0.001 everywhere."""
    found, p = effect_sizes.kruskal_wallis([values[metric] for values in runs.values()])
    assert round(found, 4) == statistic
    assert p < 0.001


# The published limits are from 10,000 resamples, drawn otherwise. A quantile of so many strays by
# 0.7 % of the interval's width (0.0016 / 0.058 / 3.92: binomial error by normal density by width);
# the difference of two strays by 1 %, and this is twice that, beside the rounding.
_STRAYS = 0.02
_ROUNDING = 0.0005


@pytest.mark.parametrize(
    ("metric", "first", "second", "delta", "limits"),
    [
        ("api_calls", "ghspec", "chatdev", -0.766, (-0.848, -0.672)),
        ("api_calls", "baes", "chatdev", -1.0, (-1.0, -1.0)),
        ("tokens_in", "ghspec", "chatdev", 0.991, (0.971, 1.0)),
        ("tokens_out", "ghspec", "chatdev", 0.266, (0.105, 0.425)),
        ("tokens_total", "ghspec", "chatdev", 0.978, (0.943, 0.999)),
    ],
)
def test_cliffs_delta(
    runs: dict[str, dict[str, Values]],
    metric: str,
    first: str,
    second: str,
    delta: float,
    limits: tuple[float, float],
) -> None:
    """The delta to its last published digit, its bootstrap limits within the chance of drawing."""
    left, right = runs[first][metric], runs[second][metric]
    assert round(effect_sizes.cliffs_delta(left, right), 3) == delta
    found = effect_sizes.cliffs_delta_interval(left, right)
    allowed = _STRAYS * (limits[1] - limits[0]) + _ROUNDING
    assert found == pytest.approx(limits, abs=allowed)
    assert found == effect_sizes.cliffs_delta_interval(left, right)


def test_the_order_of_the_generators(runs: dict[str, dict[str, Values]]) -> None:
    """baes calls least, chatdev most."""
    means = [runs[name]["api_calls"].mean() for name in ("baes", "ghspec", "chatdev")]
    assert all(low < high for low, high in pairwise(means))
