"""A run in short, as a list: what was not kept and why, what moved, each scenario in a row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import (
    own_metrics,
    provisional_text,
    remarks,
    stream_pace,
    table,
    whole_run,
)
from flagbench.report.text.token_remark import remark
from flagbench.shown_numbers import number
from flagbench.verdict.verdict import Outcome

COLUMNS = ("scenario", "verdict", "tokens", "seconds", "US$", "approved", "accepted")
_AMOUNTS = (("tokens", ",.0f", "token_reduction"), ("seconds", ",.1f", "time_reduction"))
_OTHERS = (("usd", ".4f"), ("approval_rate", ".0%"), ("acceptance_rate", ".0%"))
_PROVISIONAL = "lines on provisional series"
_NOT_KEPT = "lines on series that were not kept"
_MOVED = "scenarios that differ from the baseline"
# Limits, so that a report in short is short.
_PROVISIONAL_LINES, _NOT_KEPT_LINES, _REMARKED_LINES, _MOVED_LINES, _OWN_LINES = 6, 11, 3, 3, 4
_REASONS, _CAUSES = 2, 3
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Form:
    """A format of foreign texts, foreign names and words that matter most.

    In a text and a name there is nothing that the format obeys. `rest` says where all lines are.
    """

    text: Callable[[str], str]
    name: Callable[[str], str]
    strong: Callable[[str], str]
    rest: str


def findings(report: RunReport, form: Form) -> list[list[str]]:
    """The first lines of a report, by part: provisional, not kept, with a remark, changed."""
    return [
        shorten(list(_provisional(report, form)), _PROVISIONAL_LINES, _PROVISIONAL, form),
        shorten(list(_not_kept(report, form)), _NOT_KEPT_LINES, _NOT_KEPT, form),
        shorten(list(_remarked(report, form)), _REMARKED_LINES, "remarks on verdicts", form),
        shorten(list(_changes_of_baseline(report, form)), _MOVED_LINES, _MOVED, form),
    ]


def _provisional(report: RunReport, form: Form) -> Iterator[str]:
    """Known facts of the scenarios with PROVISIONAL series, and the cost of certainty."""
    for name, members in report.by_scenario().items():
        first, *others = provisional_text.scenario_lines(members) or [""]
        if first:
            yield f"- {form.strong(Outcome.PROVISIONAL)} {form.name(name)}: {form.text(first)}"
        yield from (f"  - {form.text(line)}" for line in others)


def _not_kept(report: RunReport, form: Form) -> Iterator[str]:
    """The series that were not kept, with reasons and causes, as a list."""
    for group in whole_run.group_not_kept(report):
        if group.outcome == Outcome.PROVISIONAL:
            continue
        yield f"- {form.strong(group.outcome)} {form.text(group.series)}"
        for reason in group.reasons[:_REASONS]:
            yield f"  - {form.text(reason)}"
        if len(group.reasons) > _REASONS:
            yield f"  - and {len(group.reasons) - _REASONS} more reasons"
        for cause, _ in group.causes[:_CAUSES]:
            yield f"  - because: {form.text(cause)}"


def _remarked(report: RunReport, form: Form) -> Iterator[str]:
    """The verdicts with a remark."""
    groups: dict[tuple[str, str], list[str]] = {}
    for series in report.series:
        if remark(series.cells):
            groups.setdefault((series.path, table.verdict(series)), []).append(series.combination)
    for (path, verdict), names in groups.items():
        yield f"- {form.strong(verdict)} {form.text(f'{path}::{table.join_names(names)}')}"


def _changes_of_baseline(report: RunReport, form: Form) -> Iterator[str]:
    """The scenarios whose series differ from the accepted values, within tolerance or not."""
    for name, members in report.by_scenario().items():
        lines = (*remarks.stale(members), *remarks.drifted(members))
        yield from (f"- {form.name(name)}: {form.text(line)}" for line in lines)
        moved = [(changes, member) for member in members if (changes := _changes(member))]
        if not moved:
            continue
        changes, most = max(moved, key=lambda item: abs(next(iter(item[0].values()))))
        text = ", ".join(f"{metric} {change:+z.1%}" for metric, change in changes.items())
        count = f"{len(moved)} of {len(members)} series differ from the baseline"
        yield f"- {form.name(name)}: {count}, most of all {form.name(most.combination)}: {text}"


def _changes(series: SeriesReport) -> dict[str, float]:
    """Metric -> its relative change against the accepted value, of those that changed."""
    changes = {}
    for metric, *_ in _AMOUNTS:
        accepted, measured = series.accepted.get(metric), series.metrics.get(metric)
        if accepted and measured is not None and abs(measured - accepted) > _TOLERANCE * accepted:
            changes[metric] = measured / accepted - 1
    return changes


def providers(report: RunReport) -> str:
    """The providers of this run."""
    members = report.by_scenario().values()
    return "; ".join(sorted({table.provider_of(first) for first, *_ in members}))


def own_numbers(report: RunReport, form: Form) -> list[str]:
    """The metrics that subjects measure themselves."""
    lines = [
        f"- {form.name(name)}: {form.text(line)}"
        for name, members in report.by_scenario().items()
        for line in own_metrics.lines(members)
    ]
    return shorten(lines, _OWN_LINES, "numbers of a subject's own", form)


def row(name: str, members: Sequence[SeriesReport]) -> tuple[str, ...]:
    """A scenario, with its `none` and its `all`, in the order of `COLUMNS`.

    Where a design has no `all`, the series with the fewest tokens stands for it, by its name.
    """
    by_name = {member.combination: member.metrics for member in members}
    off, on = by_name.pop("none", {}), by_name.get("all", {})
    measured = {other: metrics["tokens"] for other, metrics in by_name.items() if metrics}
    if measured and "all" not in by_name:
        cheapest = min(measured, key=lambda other: measured[other])
        name, on = f"{name} → {cheapest}", by_name[cheapest]
    outcomes = [member.outcome for member in members]
    verdict = ", ".join(
        f"{outcomes.count(outcome)} {outcome.value}"
        for outcome in reversed(Outcome)
        if outcome in outcomes
    )
    cells = []
    for metric, digits, reduction in _AMOUNTS:
        saved = f" ({table.change(on[reduction])})" if reduction in on and off else ""
        cells.append(f"{_pair(off.get(metric), on.get(metric), digits)}{saved}")
    cells += [_pair(off.get(metric), on.get(metric), digits) for metric, digits in _OTHERS]
    return (name, verdict, *cells)


def _pair(off: float | None, on: float | None, digits: str) -> str:
    if off is None and on is None:
        return "n/a"
    return f"{number(off, digits)} → {number(on, digits)}"


def further(report: RunReport, form: Form) -> Iterator[str]:
    """Series that were run again, the pace of streams, numbers of warnings and refuted files."""
    for name, members in report.by_scenario().items():
        lines = (*remarks.reruns(members), *stream_pace.lines(members))
        yield from (form.text(f"{name}: {line}") for line in lines)
    warnings = sum(len(remarks.warnings(members)) for members in report.by_scenario().values())
    refuted = sum(len(cell.refuted) for series in report.series for cell in series.cells)
    texts = [
        *([f"{warnings:,} warnings"] if warnings else []),
        *([f"{refuted:,} refuted files"] if refuted else []),
    ]
    if texts:
        yield f"{' and '.join(texts)}: {form.rest}"


def shorten(lines: Sequence[str], limit: int, kind: str, form: Form) -> list[str]:
    """The first `limit` lines, and the number of further ones, of a `kind`."""
    left = len(lines) - limit
    if left <= 0:
        return list(lines)
    return [*lines[:limit], f"- and {left} more {kind}: {form.rest}"]
