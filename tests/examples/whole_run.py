"""A run made up whole: a full design of two flags, cells that can be attributed, a timeline."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from made_cells import cell

from flagbench.measurement.trace import Span
from flagbench.report.series_report import RunReport, SeriesReport

# tokens of none, cache, templates, all; in both trials the same but for ten in the second.
TOKENS = {"none": 1000, "cache": 900, "templates": 400, "all": 350}
SECONDS = {"none": 10.0, "cache": 12.0, "templates": 5.0, "all": 6.0}


def span(agent: str, start: float, end: float, **changes: Any) -> Span:
    """A call on the clock, of the first request."""
    made = Span(
        what="call", agent=agent, phase="generate", request=1, started_seconds=start,
        ended_seconds=end, outcome="answered", tokens=100,
    )  # fmt: skip
    return replace(made, **changes)


def spans(seconds: float) -> list[Span]:
    """A refused call, a wait, the call again, and two requests at once in the end."""
    half = seconds / 2
    return [
        span("backend", 0.0, 0.1, outcome="HTTP 429", tokens=0),
        span("backend", 0.1, 1.1, what="wait", phase="retry", outcome="RateLimited", tokens=0),
        span("backend", 1.1, half),
        span("backend", half, seconds, request=2),
        span("backend", half, seconds - 1, request=3, phase="patch"),
        span("", half, seconds - 2, request=3, phase="", outcome="cancelled"),
    ]


def slower(one: SeriesReport, seconds: float) -> SeriesReport:
    """The series with cells that took so much longer."""
    return replace(one, cells=[replace(each, seconds=each.seconds + seconds) for each in one.cells])


def series(combination: str, scenario: str = "one", **changes: Any) -> SeriesReport:
    """A series of two trials."""
    tokens, seconds = TOKENS[combination], SECONDS[combination]
    cells = [
        cell(
            combination, scenario=scenario, trial=trial, tokens=(tokens + 10 * trial - 10,),
            seconds=seconds, refuted=["app/a.py"] if combination == "none" else [],
        )
        for trial in (1, 2)
    ]  # fmt: skip
    values = {
        "scenario": scenario, "title": "A scenario", "path": "scenarios/one.yaml",
        "provider": "simulated", "model": "gpt-4o-mini", "requests": 1, "trials": 2,
        "combination": combination, "place": list(TOKENS).index(combination),
        "declared": list(TOKENS), "is_own_design": True, "outcome": "KEPT",
        "metrics": {
            "tokens": tokens + 5.0, "seconds": seconds, "usd": tokens / 1e6, "calls": 4.0,
            "token_reduction": 1 - tokens / 1000, "time_reduction": 1 - seconds / 10,
            "approval_rate": 1.0, "acceptance_rate": 0.75 if combination == "none" else 1.0,
        },
        "cells": cells, "timeline": spans(seconds),
    }  # fmt: skip
    return SeriesReport(**values | changes)


def run(
    combinations: Sequence[str] = tuple(TOKENS), *, scenario: str = "one", **changes: Any
) -> RunReport:
    """A run of these series."""
    return RunReport.of([series(one, scenario, **changes) for one in combinations])
