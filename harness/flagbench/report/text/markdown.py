"""`report.md`: a job summary and pull request comment, verdict first, in less than 60 lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.report.content import Claims
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import own_metrics, provisional_text, stream_pace, table
from flagbench.report.text.code_span import code, table_cell, truncate
from flagbench.report.text.token_remark import remark
from flagbench.report.unused_files import Unused
from flagbench.verdict.verdict import Outcome

# Limits of each part, so that every report has less than 60 lines; the page has everything.
_NOT_KEPT_LINES, _MOVED_LINES, _SCENARIOS, _CLAIMS, _UNUSED_LINES = 11, 3, 10, 6, 2
_REMARKED_LINES, _OWN_LINES, _PROVISIONAL_LINES = 3, 4, 6
_REASONS, _CAUSES = 2, 3
# Maximum lengths of a line, of a foreign text in it, of a name, and of a cell in a table.
_LINE_LENGTH, _TEXT_LENGTH, _NAME_LENGTH, _CELL_LENGTH = 240, 215, 60, 64
_REST = "`report.html` has them"
_COLUMNS = ("scenario", "verdict", "tokens", "seconds", "US$", "approved", "accepted")
_AMOUNTS = (("tokens", ",.0f", "token_reduction"), ("seconds", ",.1f", "time_reduction"))
_OTHERS = (("usd", ".4f"), ("approval_rate", ".0%"), ("acceptance_rate", ".0%"))
_TOLERANCE = 1e-9


def write(report: RunReport, unused: Unused, folder: Path, claims: Claims | None = None) -> None:
    """Write the report."""
    write_whole(folder / "report.md", "\n".join(lines(report, unused, claims)) + "\n")


def lines(report: RunReport, unused: Unused, claims: Claims | None = None) -> list[str]:
    """The lines of the report."""
    parts = [
        [f"# flagbench: {report.headline}"],
        _shorten(list(_provisional(report)), _PROVISIONAL_LINES, "lines on provisional series"),
        _shorten(list(_not_kept(report)), _NOT_KEPT_LINES, "lines on series that were not kept"),
        _shorten(list(_remarked(report)), _REMARKED_LINES, "remarks on verdicts"),
        _shorten(
            list(_baseline_changes(report)), _MOVED_LINES, "scenarios that differ from the baseline"
        ),
        list(_overview(report)),
        _shorten(list(_own_metrics(report)), _OWN_LINES, "numbers of a subject's own"),
        list(_claims(claims)) if claims else [],
        [
            *_shorten([f"- {_text(line)}" for line in unused.lines()], _UNUSED_LINES, "files"),
            *(f"- {line}" for line in (*_further_findings(report), *table.proving(report))),
        ],
        [f"Digest of all cells: `{report.digest}`."],
    ]
    return [line for part in parts if part for line in (*map(_cut, part), "")][:-1]


def _provisional(report: RunReport) -> Iterator[str]:
    """Known facts of the scenarios with PROVISIONAL series, and the cost of certainty."""
    for name, members in report.by_scenario().items():
        first, *others = provisional_text.scenario_lines(members) or [""]
        if first:
            yield f"- **{Outcome.PROVISIONAL}** {_name(name)}: {_text(first)}"
        yield from (f"  - {_text(line)}" for line in others)


def _not_kept(report: RunReport) -> Iterator[str]:
    """The series that were not kept, with reasons and causes."""
    for group in table.group_not_kept(report):
        if group.outcome == Outcome.PROVISIONAL:
            continue
        yield f"- **{group.outcome}** {_text(group.series)}"
        for reason in group.reasons[:_REASONS]:
            yield f"  - {_text(reason)}"
        if len(group.reasons) > _REASONS:
            yield f"  - and {len(group.reasons) - _REASONS} more reasons"
        for cause, _ in group.causes[:_CAUSES]:
            yield f"  - because: {_text(cause)}"


def _remarked(report: RunReport) -> Iterator[str]:
    """The verdicts with a remark."""
    groups: dict[tuple[str, str], list[str]] = {}
    for series in report.series:
        if remark(series.cells):
            groups.setdefault((series.path, table.verdict(series)), []).append(series.combination)
    for (path, verdict), names in groups.items():
        yield f"- **{verdict}** `{path}::{table.join_names(names)}`"


def _baseline_changes(report: RunReport) -> Iterator[str]:
    """The scenarios whose series differ from the accepted values, within tolerance or not."""
    for name, members in report.by_scenario().items():
        yield from (f"- `{name}`: {_text(line)}" for line in table.stale(members))
        moved = [(changes, member) for member in members if (changes := _changes(member))]
        if not moved:
            continue
        changes, most = max(moved, key=lambda item: abs(next(iter(item[0].values()))))
        text = ", ".join(f"{metric} {change:+.1%}" for metric, change in changes.items())
        count = f"{len(moved)} of {len(members)} series differ from the baseline"
        yield f"- {_name(name)}: {count}, most of all {_name(most.combination)}: {text}"


def _changes(series: SeriesReport) -> dict[str, float]:
    """Metric -> its relative change against the accepted value, of those that changed."""
    changes = {}
    for metric, *_ in _AMOUNTS:
        accepted, measured = series.accepted.get(metric), series.metrics.get(metric)
        if accepted and measured is not None and abs(measured - accepted) > _TOLERANCE * accepted:
            changes[metric] = measured / accepted - 1
    return changes


def _overview(report: RunReport) -> Iterator[str]:
    """A row for each scenario, with its `none` and its `all`."""
    scenarios = report.by_scenario()
    if not scenarios:
        return
    providers = sorted({table.provider_of(members[0]) for members in scenarios.values()})
    yield f"Answers from: {code('; '.join(providers), 180)}. Means per trial, `none` → `all`:"
    yield ""
    rows = [_row(name, members) for name, members in scenarios.items()]
    yield from _table(_COLUMNS, rows[:_SCENARIOS])
    if len(rows) > _SCENARIOS:
        yield ""
        yield f"{len(rows) - _SCENARIOS} more scenarios: {_REST}."


def _own_metrics(report: RunReport) -> Iterator[str]:
    for name, members in report.by_scenario().items():
        yield from (f"- {_name(name)}: {_text(line)}" for line in own_metrics.lines(members))


def _row(name: str, members: Sequence[SeriesReport]) -> tuple[str, ...]:
    by_name = {member.combination: member.metrics for member in members}
    off, on = by_name.get("none", {}), by_name.get("all", {})
    outcomes = [member.outcome for member in members]
    verdict = ", ".join(
        f"{outcomes.count(outcome)} {outcome.value}"
        for outcome in reversed(Outcome)
        if outcome in outcomes
    )
    cells = []
    for metric, form, reduction in _AMOUNTS:
        saved = f" ({table.change(on[reduction])})" if reduction in on and off else ""
        cells.append(f"{_pair(off.get(metric), on.get(metric), form)}{saved}")
    cells += [_pair(off.get(metric), on.get(metric), form) for metric, form in _OTHERS]
    return (table_cell(name, _CELL_LENGTH), verdict, *cells)


def _pair(off: float | None, on: float | None, form: str) -> str:
    if off is None and on is None:
        return "n/a"
    return f"{table.number(off, form)} → {table.number(on, form)}"


def _claims(claims: Claims) -> Iterator[str]:
    """The counts of the claims, and their first rows, starting with those refuted."""
    yield f"- {claims.counts}; {_REST}"
    if claims.rows:
        yield ""
        rows = [[table_cell(text, _CELL_LENGTH) for text in row] for row in claims.rows[:_CLAIMS]]
        yield from _table(claims.columns, rows)


def _further_findings(report: RunReport) -> Iterator[str]:
    """Series that were run again, the pace of streams, numbers of warnings and refuted files."""
    for name, members in report.by_scenario().items():
        lines = (*table.reruns(members), *stream_pace.lines(members))
        yield from (_text(f"{name}: {line}") for line in lines)
    warnings = sum(len(table.warnings(members)) for members in report.by_scenario().values())
    refuted = sum(len(cell.refuted) for series in report.series for cell in series.cells)
    texts = [
        *([f"{warnings:,} warnings"] if warnings else []),
        *([f"{refuted:,} refuted files"] if refuted else []),
    ]
    if texts:
        yield f"{' and '.join(texts)}: {_REST}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _shorten(texts: Sequence[str], limit: int, kind: str) -> list[str]:
    """The first `limit` texts, and the number of further ones."""
    left = len(texts) - limit
    if left <= 0:
        return list(texts)
    return [*texts[:limit], f"- and {left} more {kind}: {_REST}"]


def _text(text: str) -> str:
    return code(text, _TEXT_LENGTH)


def _name(text: str) -> str:
    return code(text, _NAME_LENGTH)


def _cut(line: str) -> str:
    return line if line.startswith("| ") else truncate(line, _LINE_LENGTH)
