"""A run that nobody made: two scenarios, four verdict texts, and names that want to be markup."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import made_cells

from flagbench.measurement.cell_result import CellResult, Rate, RefutedArtifact
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.unused_files import Unused

NOTHING_UNUSED = Unused({})
MARKUP = '<script>window.ran = 1</script> & "quoted" $x$ $y$'


def cell(trial: int = 1, **changes: Any) -> CellResult:
    """A measured cell, of a file refuted in four."""
    values: dict[str, Any] = {
        "model": "m", "cassette": f"{trial:064x}", "flags": {"cache": "false", "short": "false"},
        "rates": {"acceptance_rate": Rate(3, 4)},
    } | changes  # fmt: skip
    return replace(made_cells.cell(trial=trial), **values)


def refuted(path: str = "app/a.py", check: str = "runs", **changes: Any) -> RefutedArtifact:
    """A refuted file of a cell."""
    made = RefutedArtifact(
        request=1, path=path, file=path, approved=True, check=check, message="it fails",
        sha256="a" * 64,
    )  # fmt: skip
    return replace(made, **changes)


def series(
    combination: str = "none",
    metrics: Mapping[str, float] | None = None,
    cells: Sequence[CellResult] = (),
    **changes: Any,
) -> SeriesReport:
    """A series of one trial."""
    return replace(
        SeriesReport(
            scenario="s", title="A scenario", path="scenarios/s.yaml", provider="simulated",
            model="gpt-4o-mini", requests=2, trials=1, combination=combination, place=0,
            declared=[combination], is_own_design=True, outcome="KEPT",
            metrics=metrics if metrics is not None else metrics_of(1000), cells=cells,
        ),
        **changes,
    )  # fmt: skip


def metrics_of(tokens: float, accepted: float = 0.5, approved: float = 1.0) -> dict[str, float]:
    """The metrics of a series that uses so many of the control's 1,000 tokens."""
    return {
        "tokens": tokens, "seconds": tokens / 100, "usd": tokens / 10_000, "calls": 4.0,
        "token_reduction": 1 - tokens / 1000, "time_reduction": 1 - tokens / 1000,
        "cost_reduction": 1 - tokens / 1000, "approval_rate": approved,
        "acceptance_rate": accepted,
    }  # fmt: skip


def run() -> RunReport:
    """Series that cost more and less than the control, one broken, one that could not run."""
    on, off = "true", "false"
    spoilt = refuted(message="</td><img src='//x.invalid/y' onerror='window.ran = 1'> \ud800")
    return RunReport.of(
        [
            series("none", cells=[cell(refuted=[spoilt])]),
            series(
                "cache", metrics_of(1200, 0.9), [cell(flags={"cache": on, "short": off})], place=1
            ),
            series(
                "short", metrics_of(90, 0.4), [cell(flags={"cache": off, "short": on})], place=2,
                outcome="BROKEN", broken=["token_reduction is 0.91, target: >= 99 %"],
            ),
            series(
                "all", metrics_of(310.25, 1.0), [cell(flags={"cache": on, "short": on})], place=3
            ),
            series(
                "cache=deep", {}, place=4, outcome="COULD NOT RUN",
                reason="scenarios/s.yaml: no cassette\nrecord it",
            ),
            series("none", scenario="z <b>&", title=MARKUP, cells=[cell(price_since=None)]),
        ]
    )  # fmt: skip
