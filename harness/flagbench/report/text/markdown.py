"""`report.md`: a job summary and pull request comment, verdict first, in less than 60 lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from flagbench.atomic_file import write_whole
from flagbench.report.content import Claims
from flagbench.report.series_report import RunReport
from flagbench.report.text import in_short, whole_run
from flagbench.report.text.code_span import code, table_cell, truncate
from flagbench.report.unused_files import Unused

# With those of `in_short`, every report has less than 60 lines; the page has everything.
_SCENARIOS, _CLAIMS, _UNUSED_LINES = 10, 6, 2
# Maximum lengths of a line, of a foreign text in it, of a name, and of a cell in a table.
_LINE_LENGTH, _TEXT_LENGTH, _NAME_LENGTH, _CELL_LENGTH = 240, 215, 60, 64
_REST = "`report.html` has them"


def write(report: RunReport, unused: Unused, folder: Path, claims: Claims | None = None) -> None:
    """Write the report."""
    write_whole(folder / "report.md", "\n".join(lines(report, unused, claims)) + "\n")


def lines(report: RunReport, unused: Unused, claims: Claims | None = None) -> list[str]:
    """The lines of the report."""
    files = [f"- {_text(line)}" for line in unused.lines()]
    parts = [
        [f"# flagbench: {report.headline}"],
        *in_short.findings(report, _FORM),
        list(_overview(report)),
        in_short.own_numbers(report, _FORM),
        list(_claims(claims)) if claims else [],
        [
            *in_short.shorten(files, _UNUSED_LINES, "files", _FORM),
            *(f"- {line}" for line in in_short.further(report, _FORM)),
            *(f"- {line}" for line in (*whole_run.known_cells(report), *whole_run.proving(report))),
        ],
        [f"Digest of all cells: `{report.digest}`."],
    ]
    return [line for part in parts if part for line in (*map(_cut, part), "")][:-1]


def _overview(report: RunReport) -> Iterator[str]:
    """A row for each scenario, with its `none` and its `all`."""
    scenarios = report.by_scenario()
    if not scenarios:
        return
    answered = code(in_short.providers(report), 180)
    yield f"Answers from: {answered}. Means per trial, `none` → `all`:"
    yield ""
    rows = [in_short.row(name, members) for name, members in scenarios.items()]
    cells = [(table_cell(name, _CELL_LENGTH), *others) for name, *others in rows[:_SCENARIOS]]
    yield from _table(in_short.COLUMNS, cells)
    if len(rows) > _SCENARIOS:
        yield ""
        yield f"{len(rows) - _SCENARIOS} more scenarios: {_REST}."


def _claims(claims: Claims) -> Iterator[str]:
    """The counts of the claims, and their first rows, starting with those refuted."""
    yield f"- {claims.counts}; {_REST}"
    if claims.rows:
        yield ""
        rows = [[table_cell(text, _CELL_LENGTH) for text in row] for row in claims.rows[:_CLAIMS]]
        yield from _table(claims.columns, rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _text(text: str) -> str:
    return code(text, _TEXT_LENGTH)


def _name(text: str) -> str:
    return code(text, _NAME_LENGTH)


_FORM = in_short.Form(_text, _name, strong=lambda text: f"**{text}**", rest=_REST)


def _cut(line: str) -> str:
    return line if line.startswith("| ") else truncate(line, _LINE_LENGTH)
