"""The obstacle of a series whose recording does not have the latency of every call."""

from collections.abc import Iterable

from flagbench.errors import Problem
from flagbench.series.series import MeasuredCell
from flagbench.verdict.verdict import Verdict


def unknown_time(cells: Iterable[MeasuredCell], verdict: Verdict) -> Problem | None:
    """The reason why targets or a baseline on time give no verdict; None if they do.

    A series that broke anything else is BROKEN.
    """
    missing = [
        check
        for check in verdict.broken
        if check.metric in ("seconds", "time_reduction") and check.measured is None
    ]
    is_timed = all(cell.measurement.seconds is not None for cell in cells)
    if is_timed or not missing or len(missing) < len(verdict.broken):
        return None
    return Problem(
        "the time of this series is unknown: its recording does not have the latency of every call",
        where=", ".join(dict.fromkeys(f"{check.metric} ({check.against})" for check in missing)),
        expected="targets and a baseline without time metrics, for an imported recording without "
        "latencies",
        fix="leave out these targets, or accept the series without them: flagbench run "
        "--accept-baselines",
    )
