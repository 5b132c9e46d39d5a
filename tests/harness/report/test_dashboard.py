"""The dashboard: a series against thresholds, per agent, and advice that follows from them."""

from collections.abc import Sequence
from typing import Any

from made_up_run import cell, series

from flagbench.measurement.cell_result import Usage
from flagbench.report.history import Run
from flagbench.report.series_report import SeriesReport
from flagbench.report.text.dashboard import lines
from flagbench.scenario.schema import Threshold

THRESHOLDS = {
    "seconds": Threshold(value=30, better="lower", advice="be faster"),
    "cache_hit_rate": Threshold(value=0.3, better="higher", advice="repeat more"),
    "error_rate": Threshold(value=0.1, better="lower", advice="retry more"),
    "auto_approval_rate": Threshold(value=0.8, better="higher", advice="write better"),
}
USED = Usage(calls=3, prompt_tokens=900, completion_tokens=300, seconds=12.0)


def shown(*, stored: Sequence[Run] = (), **changes: Any) -> list[str]:
    """The dashboard of a series of two requests and one trial."""
    metrics = {"seconds": 65.0, "cache_hit_rate": 0.3, "error_rate": 0.05}
    values: dict[str, Any] = {
        "metrics": metrics, "thresholds": THRESHOLDS, "requests": 2,
        "cells": [cell(by_agent={"models": USED})],
    } | changes  # fmt: skip
    one: SeriesReport = series("default", **values)
    return list(lines(one, stored))


def test_figures_against_thresholds() -> None:
    """Amounts are per request; what is near is not missed, and not kept either."""
    assert shown() == [
        "Performance dashboard (s::default, per request):",
        "   Seconds: 32.5 s vs 30.0 s (+8%) near",
        "   Cache hit: 30% vs 30% (+0%) kept",
        "   Error: 5% vs 10% (-50%) kept",
        "   Auto approval: not measured",
        "   models: 1.5 calls, 600 tokens, 6.0 s",
        "   Advice: be faster",
    ]


def test_a_figure_just_below_its_threshold_has_no_minus() -> None:
    """It is +0 % off."""
    assert "(+0%) kept" in shown(metrics={"seconds": 59.9})[1]


def run_of(**metrics: float) -> Run:
    """A stored run of two requests."""
    return Run(
        date="2026-11-20T00:00:00Z", commit="", digest="", provider="simulated", model="m",
        requests=2, trials=1, series={"default": metrics, "none": {"seconds": 9.0}},
    )  # fmt: skip


def test_the_trend_of_a_figure_over_stored_runs() -> None:
    """The last five that have it, the newest last; one run is no trend."""
    stored = [run_of(seconds=2.0 * n) for n in range(20, 26)]
    stored += [run_of(error_rate=0.2), run_of(seconds=65.0, error_rate=0.05, cache_hit_rate=0.3)]
    told = shown(stored=stored)
    assert told[1].endswith("(+8%) near | stored runs: 22.0, 23.0, 24.0, 25.0, 32.5 s")
    assert told[2].endswith("(+0%) kept")
    assert told[3].endswith("kept | stored runs: 20%, 5%")


def test_what_is_missed_is_advised_about() -> None:
    """Each threshold has its own advice."""
    told = shown(metrics={"seconds": 66.4, "cache_hit_rate": 0.1, "error_rate": 0.2})
    assert [line.split()[-1] for line in told[1:4]] == ["missed"] * 3
    assert told[-3:] == ["   Advice: be faster", "   Advice: repeat more", "   Advice: retry more"]


def test_a_series_that_keeps_every_threshold_needs_no_advice() -> None:
    """And is told so."""
    told = shown(metrics={"seconds": 10.0, "cache_hit_rate": 0.9, "error_rate": 0.0})
    assert told[-1] == "   Advice: none, every threshold is met"


def test_a_series_without_thresholds_has_no_dashboard() -> None:
    """Nor has one that could not run."""
    assert shown(thresholds={}) == []
    assert shown(metrics={}) == []
