"""The end of a run: files are written, baselines accepted; what is left is to show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flagbench.errors import InputError
from flagbench.measurement.summary import Summary
from flagbench.report import html, unused_recordings
from flagbench.report.data import history, json_files, parquet_file
from flagbench.report.data.history import Run
from flagbench.report.sections.build import answers
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import markdown
from flagbench.run.options import Options
from flagbench.series import refuted_files
from flagbench.verdict import baseline, baseline_trace
from flagbench.verdict.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run leaves: its report, unused recordings, and a line for each accepted change.

    `claims` is the line that counts what became of the claims, "" where there are none. `stored`
    are the runs so far of the scenarios that have a dashboard, this one included.
    """

    report: RunReport
    unused: unused_recordings.Unused
    folder: Path
    accepted: tuple[str, ...]
    claims: str = ""
    stored: Mapping[str, Sequence[Run]] = field(default_factory=dict)


def finish(series: Iterable[SeriesReport], options: Options, *, interrupted: bool) -> Finished:
    """Write `reports/latest` and, if asked, the baselines. Raises `OSError` for a full disk.

    An interrupted run is reported as such and accepts nothing.
    """
    report = RunReport.of(series, interrupted=interrupted)
    found = unused_recordings.find(report, options.cassettes)
    folder = options.latest
    refuted_files.remove_others(
        folder,
        [
            refuted_files.path_of(refuted.file, refuted.sha256)
            for member in report.series
            for cell in member.cells
            for refuted in cell.refuted
        ],
    )
    json_files.write(report, folder)
    parquet_file.write(report, folder)
    history.remember(report, options)
    # Trends are drawn from the history, with the line of this run.
    claims, parts = answers(report, options)
    markdown.write(report, found, folder, claims)
    html.write(report, found, folder, parts)
    told: list[str] = []
    if options.accept_baselines and not interrupted:
        for name, members in report.by_scenario().items():
            told += accept(name, members, options)
    counts = claims.counts if claims else ""
    stored = {
        one.scenario: history.comparable(options, one) for one in report.series if one.thresholds
    }
    return Finished(report, found, folder, tuple(told), counts, stored)


def _accepted_steps(path: Path) -> baseline_trace.Traces:
    """What was accepted; what cannot be read is replaced."""
    try:
        return baseline_trace.load(path)
    except InputError:
        return {}


def accept(name: str, members: Sequence[SeriesReport], options: Options) -> list[str]:
    """Accept what was measured of one scenario; says what changed."""
    first, path = members[0], baseline.path_of(options.baselines, name)
    lost = [one.combination for one in members if one.outcome == Outcome.COULD_NOT_RUN]
    if lost:
        return [f"{path}: not accepted, {', '.join(lost)} could not run"]
    if options.trials is not None:
        return [f"{path}: not accepted, --trials measures only a part of the scenario"]
    try:
        old = baseline.load(path)
    except InputError:
        old = None  # what cannot be read is replaced, as its error advises
    if old and (old.provider, old.trials) != (first.provider, first.trials):
        if len(members) < len(first.declared):
            was = f"{old.trials} trials of {old.provider}"
            return [f"{path}: not accepted, it has {was} and only a part of the series was run"]
        old = None
    declared = list(first.declared)
    if not first.is_own_design and old:
        declared += list(old.series)
    summaries = [
        Summary(name, one.combination, one.trials, one.requests, one.metrics) for one in members
    ]
    new = baseline.accept(old, summaries, provider=first.provider, declared=declared)
    changed = baseline.changes(old, new)
    baseline.save(path, new)
    how = baseline_trace.path_of(options.baselines, name)
    steps = {one.combination: one.steps for one in members}
    baseline_trace.save(how, baseline_trace.merge(_accepted_steps(how), steps, declared))
    return [f"{path}: {line}" for line in changed] or [f"{path}: nothing changed"]
