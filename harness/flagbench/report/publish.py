"""The end of a run: reports are written and baselines accepted."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from flagbench import extras
from flagbench.errors import InputError
from flagbench.measurement.summary import Summary
from flagbench.printable import printable
from flagbench.report import history, inputs, unused_files
from flagbench.report.content import Claims
from flagbench.report.data import json_files
from flagbench.report.history import Run
from flagbench.report.inputs import Inputs
from flagbench.report.kept_pages import KeptPages
from flagbench.report.rendered import Rendered
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.shards import shard_file
from flagbench.report.shards.shard_file import Shard
from flagbench.report.text import markdown
from flagbench.run.options import Options
from flagbench.series import refuted_files
from flagbench.verdict import (
    accepted_files,
    baseline,
    baseline_changes,
    baseline_trace,
    drift,
)
from flagbench.verdict.baseline import Baseline
from flagbench.verdict.verdict import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Finished:
    """The outcome of a run: its report, unused recordings, and a line per accepted change.

    `claims` is the line that counts what became of the claims, "" where there are none. `absent`
    are the libraries without which there is neither page nor Parquet file nor claim. `stored`
    are the runs so far of the scenarios that have a dashboard, this one included. `damaged` has a
    remark for each damaged line among the stored runs.
    """

    report: RunReport
    unused: unused_files.Unused
    folder: Path
    accepted: tuple[str, ...]
    claims: str = ""
    absent: tuple[str, ...] = ()
    stored: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()


def finish(
    series: Iterable[SeriesReport],
    options: Options,
    *,
    root: Path,
    interrupted: bool,
    crashes: int = 0,
    folders: Sequence[Path] = (),
    shard: Shard | None = None,
    pages: bool = True,
) -> Finished:
    """Write `reports/latest` and, if requested, the baselines. Raises `OSError` for a full disk.

    `root` is the project's folder, `folders` are those of its scenarios.

    An interrupted run is reported as such and accepts nothing. `crashes` are test processes that
    ended before their work. Of a part of a run, `shard` is written too, and no history; without
    `pages`, only what programs read.
    """
    told = shard.told if shard else ""
    report = RunReport.of(
        (_from_root(member, root) for member in series),
        interrupted=interrupted,
        crashes=crashes,
        shard=told,
    )
    found = unused_files.find(report, options, folders, root)
    folder = options.latest
    shard_file.remove(folder)
    refuted_files.remove_others(
        folder,
        [
            refuted_files.path_of(refuted.file, refuted.sha256)
            for member in report.series
            for cell in member.cells
            for refuted in cell.refuted
        ],
    )
    read = inputs.of(report, options, root)
    json_files.write(report, folder, read)
    if shard is None:
        history.remember(report, options)
    absent = extras.missing("report")
    # Trends are drawn from the history, with the line of this run.
    claims = _write_extra(report, found, options, read) if pages and not absent else None
    if pages:
        markdown.write(report, found, folder, claims)
    if shard:
        shard_file.write(shard, report, folder)
    accepted: list[str] = []
    if options.accept_baselines and not interrupted:
        for name, members in report.by_scenario().items():
            accepted += accept(name, members, options)
    counts = claims.counts if claims else ""
    stored = {
        member.scenario: history.comparable_runs(options, member)
        for member in report.series
        if member.thresholds
    }
    damaged = tuple(
        line for name in report.by_scenario() for line in history.damaged_lines(options, name)
    )
    return Finished(report, found, folder, tuple(accepted), counts, absent, stored, damaged)


def _from_root(series: SeriesReport, root: Path) -> SeriesReport:
    """The report whose reason names the project's files as they are called on every machine."""
    if not series.reason:
        return series
    return replace(series, reason=series.reason.replace(printable(f"{root}{os.sep}"), ""))


def _write_extra(
    report: RunReport, found: unused_files.Unused, options: Options, read: Inputs
) -> Claims | None:
    """Write what the extra `report` is for; the claims, None where there are none."""
    kept = KeptPages(report, found, options)
    rendered = kept.find()
    if rendered is None:
        rendered = _render(report, found, options, read)
        kept.keep(rendered)
    rendered.write(options.latest)
    return rendered.claims


def _render(
    report: RunReport, found: unused_files.Unused, options: Options, read: Inputs
) -> Rendered:
    """The table, the page and the claims of a run whose page is not known."""
    from flagbench.report.data import parquet_file  # noqa: PLC0415  slow, as the next ones
    from flagbench.report.html import page  # noqa: PLC0415
    from flagbench.report.html.kept_pictures import KeptPictures  # noqa: PLC0415
    from flagbench.report.sections.build import answers  # noqa: PLC0415

    claims, parts = answers(report, options)
    kept = KeptPictures(None if options.replay_all else options.proofs)
    text = page.render(report, found, parts, read, kept)
    return Rendered(text, parquet_file.content(report), claims)


def _unless_damaged(load: Callable[[Path], T], path: Path, damaged: list[Path]) -> T | None:
    """The accepted content of a file; None of a damaged one, which is added to `damaged`."""
    try:
        return load(path)
    except InputError:
        damaged.append(path)
        return None


def _drifts(accepted: Baseline, summaries: Sequence[Summary]) -> list[str]:
    """A line for each metric of these series in which accepted steps have added up."""
    return [
        f"{summary.combination} drifted: {line}"
        for summary in summaries
        for line in drift.lines(
            accepted.series[summary.combination], summary.metrics, accepted.release
        )
    ]


def accept(name: str, members: Sequence[SeriesReport], options: Options) -> list[str]:
    """Accept the measurements of one scenario; returns a line for each change."""
    first, path = members[0], baseline.path_of(options.baselines, name)
    for outcome, told in (
        (Outcome.COULD_NOT_RUN, "could not run"), (Outcome.PROVISIONAL, "are provisional"),
    ):  # fmt: skip
        if lost := [member.combination for member in members if member.outcome == outcome]:
            return [f"{path}: not accepted, {', '.join(lost)} {told}"]
    if options.trials is not None:
        return [f"{path}: not accepted, --trials measures only a part of the scenario"]
    how = baseline_trace.path_of(options.baselines, name)
    stored = accepted_files.path_of(options.baselines, name)
    damaged = list[Path]()
    old = _unless_damaged(baseline.load, path, damaged)
    old_traces = _unless_damaged(baseline_trace.load, how, damaged) or {}
    texts = dict(_unless_damaged(accepted_files.load, stored, damaged) or {})
    is_part = len(members) < len(first.declared) or not first.is_own_design
    if damaged and is_part:
        why = "not accepted, it cannot be read and only a part of the series was run"
        return [f"{each}: {why}" for each in damaged]
    if old and (old.provider, old.trials) != (first.provider, first.trials):
        if len(members) < len(first.declared):
            was = f"{old.trials} trials of {old.provider}"
            return [f"{path}: not accepted, it has {was} and only a part of the series was run"]
        old = None
    declared = list(first.declared)
    if not first.is_own_design and old:
        declared += list(old.series)
    summaries = [
        Summary(
            name, member.combination, member.trials, member.requests, member.metrics, member.noise
        )
        for member in members
    ]
    new = baseline.accept(
        old, summaries, provider=first.provider, declared=declared, release=options.release
    )
    changed = [*baseline_changes.changes(old, new), *_drifts(new, summaries)]
    baseline.save(path, new)
    new_traces = {member.combination: member.trace for member in members if member.trace}
    traces = baseline_trace.merge(old_traces, new_traces, declared)
    baseline_trace.save(how, traces)
    for member in members:
        texts |= member.texts
    used = {file.digest for trace in traces.values() for file in trace.files}
    accepted_files.save(stored, {digest: texts[digest] for digest in used & texts.keys()})
    lines = [f"{each}: could not be read and was replaced" for each in damaged]
    lines += [f"{path}: {line}" for line in changed]
    return lines or [f"{path}: nothing changed"]
