"""Observation of a series: its outcome, and the lines that are said of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flagbench.errors import FlagbenchError, InputError, Problem
from flagbench.report import series_report
from flagbench.report.series_report import SeriesReport
from flagbench.report.text import provisional_text
from flagbench.run.options import Options
from flagbench.scenario import designs
from flagbench.scenario import loading as scenarios
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series import local_work
from flagbench.series.runner import SeriesRunner
from flagbench.verdict.verdict import MEASURED

SEPARATOR = "::"


class Observation(BaseModel):
    """The outcome of a series; `broken` are its checks that failed, `told` is the explanation.

    `digest` is over its cells: equal for runs that did the same.
    """

    model_config = ConfigDict(frozen=True)

    series: str
    outcome: str
    broken: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    digest: str = ""


def find(series: str, options: Options) -> tuple[Scenario, Combination]:
    """The scenario and the combination of `scenarios/name.yaml::combination`.

    Raises `InputError` for one that the scenario does not have.
    """
    path, _, name = series.partition(SEPARATOR)
    if not Path(path).is_file():
        raise InputError(Problem("no such scenario", series, "scenarios/name.yaml::combination"))
    scenario = options.applied_to(scenarios.load(Path(path)))
    try:
        combination = designs.parse(name, scenario.factors)
    except ValueError as error:
        raise InputError(Problem(str(error), series)) from error
    if combination not in scenario.combinations:
        known = ", ".join(each.id for each in scenario.combinations)
        raise InputError(Problem(f"{path} has no series {name!r}", series, f"one of {known}"))
    return scenario, combination


def observe(series: str, runner: SeriesRunner) -> Observation:
    """Run a series and observe what is said of it. Raises `InputError`."""
    scenario, combination = find(series, runner.options)
    measured, reason = None, ""
    try:
        measured = runner.series(scenario, combination)
        reason = str(measured.obstacle or "")
    except InputError:
        raise
    except FlagbenchError as error:
        reason = str(error)
    report = series_report.report_of(
        scenario, combination, place=0, is_own_design=True, series=measured, reason=reason
    )
    # A copy has another path each time.
    here = f"{Path.cwd()}/"
    told = tuple(line.replace(here, "") for line in _told(report))
    digest = series_report.digest_of([report])
    return Observation(
        series=series, outcome=report.outcome, broken=tuple(report.broken), told=told, digest=digest
    )


def _told(report: SeriesReport) -> Iterator[str]:
    """The lines of the explanation, each with its diff.

    A check of what the subject itself reports, or of its CPU time, needs no other explanation.
    """
    own = (f", {MEASURED}: ", local_work.METRIC)
    yield from (line for line in report.broken if any(mark in line for mark in own))
    # The first line of a series with an exact split is the split: a sum, and not a cause.
    place = 1 if report.split else 0
    yield from _with_diffs(report.causes[place:])
    yield from _with_diffs(report.causes[:place])
    yield from provisional_text.lines(report)
    yield from report.reason.splitlines()
    yield from report.stale


def _with_diffs(causes: Sequence[tuple[str, str]]) -> Iterator[str]:
    for text, diff in causes:
        yield f"{text}\n{diff}" if diff else text
