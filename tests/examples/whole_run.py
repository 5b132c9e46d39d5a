"""A run made up whole: a full design of two flags, cells that can be attributed, a timeline."""

from collections.abc import Sequence
from typing import Any

from made_cells import row

from harness.report.run_report import RunReport, SeriesReport

# tokens of none, cache, templates, all; in both trials the same but for ten in the second.
TOKENS = {"none": 1000, "cache": 900, "templates": 400, "all": 350}
SECONDS = {"none": 10.0, "cache": 12.0, "templates": 5.0, "all": 6.0}
_BESIDE = {
    "prompt_tokens": 1, "completion_tokens": 1, "warnings": [],
    "usage_difference": {"prompt_tokens": 0, "completion_tokens": 0},
}  # fmt: skip


def bar(agent: str, start: float, end: float, **changes: Any) -> dict[str, Any]:
    """A call on the clock, of the first request."""
    return {
        "what": "call", "agent": agent, "phase": "generate", "request": 1, "started_seconds": start,
        "ended_seconds": end, "outcome": "answered", "tokens": 100,
    } | changes  # fmt: skip


def bars(seconds: float) -> list[dict[str, Any]]:
    """A refused call, a wait, the call again, and two requests at once in the end."""
    half = seconds / 2
    return [
        bar("backend", 0.0, 0.1, outcome="HTTP 429", tokens=0),
        bar("backend", 0.1, 1.1, what="wait", phase="retry", outcome="RateLimited", tokens=0),
        bar("backend", 1.1, half),
        bar("backend", half, seconds, request=2),
        bar("backend", half, seconds - 1, request=3, phase="patch"),
        bar("", half, seconds - 2, request=3, phase="", outcome="cancelled"),
    ]


def series(combination: str, scenario: str = "one", **changes: Any) -> SeriesReport:
    """A series of two trials."""
    tokens, seconds = TOKENS[combination], SECONDS[combination]
    cells = [
        row(
            combination, scenario=scenario, trial=trial, tokens=(tokens + 10 * trial - 10,),
            seconds=seconds, refuted=["app/a.py"] if combination == "none" else [],
        )
        | _BESIDE
        for trial in (1, 2)
    ]  # fmt: skip
    for cell in cells:
        cell["refuted"] = [
            one
            | {
                "file": one["path"],
                "check": "runs",
                "message": "it fails",
                "approved": True,
                "sha256": "a" * 64,
            }
            for one in cell["refuted"]
        ]
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
        "cells": cells, "timeline": bars(seconds),
    }  # fmt: skip
    return SeriesReport(**values | changes)


def run(
    combinations: Sequence[str] = tuple(TOKENS), *, scenario: str = "one", **changes: Any
) -> RunReport:
    """A run of these series."""
    return RunReport.of([series(one, scenario, **changes) for one in combinations])
