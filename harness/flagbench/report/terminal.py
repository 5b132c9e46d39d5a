"""The summary at the end of a run: tables for people, plain text in a pipe."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flagbench.report.publish import Finished
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.text import (
    dashboard,
    in_short,
    own_metrics,
    provisional_text,
    remarks,
    stream_pace,
    table,
    whole_run,
)
from flagbench.report.text.code_span import one_line, truncate
from flagbench.run import network
from flagbench.verdict.verdict import Outcome

# A narrower terminal wraps the lines itself, so that names are not cut and pipes stay readable.
TABLE_WIDTH = 120

# A run in short has at most 60 lines, together with pytest's own.
_SCENARIOS, _DAMAGED = 30, 3
_TEXT_LENGTH, _NAME_LENGTH = 215, 40

_STYLES = {
    Outcome.KEPT.value: "green",
    Outcome.BROKEN.value: "bold red",
    Outcome.PROVISIONAL.value: "bold cyan",
    Outcome.COULD_NOT_RUN.value: "bold yellow",
}


def _text(text: str) -> str:
    return truncate(one_line(text), _TEXT_LENGTH)


_FORM = in_short.Form(_text, _text, strong=str, rest="-v shows them")


def show(finished: Finished, console: Console, *, whole: bool) -> None:
    """Print the summary on a plain console: a scenario in full, several with a row each.

    `whole` shows every series of every scenario.
    """
    report = finished.report
    scenarios = report.by_scenario()
    if whole or len(scenarios) == 1:
        for name, members in scenarios.items():
            _show_scenario(name, members, finished, console, whole=whole)
    else:
        _show_in_short(report, console)
    for line in (*finished.unused.lines(), *finished.accepted):
        console.print(line)
    for line in (
        *whole_run.known_cells(report),
        *whole_run.unseen(report),
        *whole_run.proving(report),
    ):
        console.print(line, style="yellow" if line.startswith("warning") else "")
    damaged = [f"warning: {line}" for line in finished.damaged]
    if not whole:
        damaged = in_short.shorten(damaged, _DAMAGED, "damaged stored runs", _FORM)
    for line in damaged:
        console.print(line, style="yellow")
    if finished.absent:
        absent = ", ".join(finished.absent)
        line = f"no report.html, cells.parquet or claims: {absent} not installed"
        console.print(f"{line} (pip install 'flagbench[report]')", style="yellow")
    if finished.claims:
        console.print(f"{finished.claims}; report.html has them")
    for line in (*_network(), table.LEGEND):
        console.print(line, style="dim")
    console.print(f"Reports: {finished.folder}")
    console.print(report.headline, style="bold")


def _show_in_short(report: RunReport, console: Console) -> None:
    for line in (line for part in in_short.findings(report, _FORM) for line in part):
        console.print(line, style="" if line.startswith("  ") else "bold")
    console.print(f"{in_short.providers(report)}; means per trial, none → all:")
    # What was not kept stands first, so that no limit hides it.
    named = sorted(report.by_scenario().items(), key=lambda item: _is_kept(item[1]))
    drawn = _columns(in_short.COLUMNS, left=("scenario", "verdict"), whole=("scenario",))
    for name, members in named[:_SCENARIOS]:
        shown, verdict, *texts = in_short.row(name, members)
        worst = min((member.outcome for member in members), key=list(_STYLES)[::-1].index)
        drawn.add_row(truncate(shown, _NAME_LENGTH), Text(verdict, style=_STYLES[worst]), *texts)
    console.print(drawn)
    if len(named) > _SCENARIOS:
        console.print(f"{len(named) - _SCENARIOS} more scenarios: {_FORM.rest}")
    for line in (*in_short.own_numbers(report, _FORM), *in_short.further(report, _FORM)):
        console.print(line)


def _is_kept(members: list[SeriesReport]) -> bool:
    return all(member.outcome == Outcome.KEPT for member in members)


def _show_scenario(
    name: str, members: list[SeriesReport], finished: Finished, console: Console, *, whole: bool
) -> None:
    first = members[0]
    console.print(Text(f"{name}: {first.title}", style="bold"))
    console.print(f"{first.requests} request(s), {first.trials} trials, {table.provider_of(first)}")
    shown, left_out = table.rows(members, whole=whole)
    console.print(_table(shown))
    if left_out:
        console.print(f"{left_out} more series were KEPT; -v shows them, summary.json has them")
    for line in _headlines(members):
        console.print(line)
    for member in members:
        for line in dashboard.lines(member, finished.stored.get(name, ())):
            console.print(line)
    for line in (
        *remarks.special_tokens(members),
        *stream_pace.lines(members),
        *own_metrics.lines(members),
    ):
        console.print(line)
    for line in provisional_text.scenario_lines(members):
        console.print(f"provisional: {line}", style=_STYLES[Outcome.PROVISIONAL])
    for line in remarks.warnings(members):
        console.print(f"warning: {line}", style="yellow")
    for line in remarks.refutations(members):
        console.print(f"refuted: {line}", style="dim")
    console.print()


def _table(shown: list[SeriesReport]) -> Table:
    drawn = _columns(table.COLUMNS, left=("series", "verdict"))
    for member in shown:
        *texts, verdict = table.cells(member)
        drawn.add_row(*texts, Text(verdict, style=_STYLES[member.outcome]))
    return drawn


def _columns(names: Sequence[str], left: Sequence[str], whole: Sequence[str] = ()) -> Table:
    """A table whose columns wrap if they are on the left and not `whole`."""
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        drawn.add_column(
            name,
            justify="left" if name in left else "right",
            no_wrap=name not in left or name in whole,
            overflow="fold",
        )
    return drawn


def _headlines(members: list[SeriesReport]) -> Iterator[str]:
    for member in members:
        if member.combination == "all" and member.metrics:
            yield f"Performance Optimization Summary ({member.scenario}::all, per request):"
            yield from (f"   {line}" for line in table.headline(member))
        if member.local_work:
            yield f"{member.combination}: {member.local_work}"


def _network() -> Iterator[str]:
    if network.tier() == network.PROXIES:
        yield "no network namespace: proxies alone keep the programs of a subject off the network"
