"""Trends over stored runs: small multiples of cost and quality for `none` and `all`."""

from collections.abc import Iterator, Mapping, Sequence

from flagbench.report import history
from flagbench.report.content import Grid, Part, Picture
from flagbench.report.history import Run
from flagbench.report.sections import change_points
from flagbench.report.sections.trends_drawing import HEIGHT_PX, PANELS, Drawing, series_of
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.report.svg import Figure, sheet
from flagbench.run.options import Options
from flagbench.run.time_labels import EXACT
from flagbench.shown_numbers import number

ANCHOR = "trends"
# More points than these are indistinguishable; the table has all of them.
_SHOWN_RUNS = 40


def part(report: RunReport, options: Options) -> Part:
    """The section; for a scenario with fewer than two runs, it says how to store them."""
    runs = {
        name: history.comparable_runs(options, members[0])
        for name, members in report.by_scenario().items()
    }
    several = {name: stored for name, stored in runs.items() if len(stored) > 1}
    drawable = {name: stored for name, stored in several.items() if series_of(stored)}
    paragraphs = []
    if drawable:
        paragraphs.append(
            "One point for each stored run, oldest first: means per trial of the whole session."
        )
    waiting = [name for name in runs if name not in several]
    if waiting:
        paragraphs.append(
            f"Fewer than two runs are stored of {', '.join(waiting)}. A complete run (no -k, no "
            "--trials, not interrupted) adds a line to reports/history if its results differ from "
            "the last line."
        )
    changes = change_points.grid(
        several, {name: _is_exact(members) for name, members in report.by_scenario().items()}
    )
    if changes is not None:
        paragraphs.append(
            "Where a level began: optimal partitioning (Jackson et al. 2005), for changes beyond "
            "1 % or half a point."
        )
    grids = [] if changes is None else [changes]
    return Part(ANCHOR, "Trends", paragraphs, list(_pictures(drawable)), grids)


def _is_exact(members: Sequence[SeriesReport]) -> bool:
    """True if the seconds of every cell are those of the virtual clock."""
    return all(cell.time == EXACT for member in members for cell in member.cells)


def _pictures(runs: Mapping[str, Sequence[Run]]) -> Iterator[Picture]:
    for place, (name, stored) in enumerate(runs.items(), start=1):
        shown = stored[-_SHOWN_RUNS:]
        description = _describe(shown)
        yield Picture(
            title=name,
            description=description,
            figure=Figure(
                f"{ANCHOR}-{place}", f"{name}: trends over {len(shown)} runs", description,
                Drawing(shown), sheet(HEIGHT_PX),
            ),
            behind=_data_of(name, stored),
        )  # fmt: skip


def _describe(runs: Sequence[Run]) -> str:
    first, last = runs[0], runs[-1]
    texts = []
    for series in series_of(runs):
        before, after = first.series.get(series, {}), last.series.get(series, {})
        moves = [
            f"{label} {number(before[metric], form)} to {number(after[metric], form)}"
            for metric, (label, form) in PANELS.items()
            if metric in before and metric in after
        ]
        if moves:
            texts.append(f"{series}: {', '.join(moves)}")
    return f"From {first.date:%Y-%m-%d} to {last.date:%Y-%m-%d}. {'; '.join(texts)}"


def _remark(run: Run) -> str:
    """The crashes and reruns of a stored run, "" without any."""
    crashes = [f"crashed processes: {run.crashes}"] if run.crashes else []
    reruns = [f"series run again: {run.reruns}"] if run.reruns else []
    return f" ({'; '.join([*crashes, *reruns])})" if crashes or reruns else ""


def _data_of(name: str, runs: Sequence[Run]) -> Grid:
    return Grid(
        caption=f"{name}: stored runs",
        columns=("run", "commit", "series", *(label for label, _ in PANELS.values()), "US$"),
        rows=[
            (
                f"{run.date:%Y-%m-%d %H:%M}",
                f"{run.commit or 'n/a'}{_remark(run)}",
                series,
                *(number(metrics.get(metric), form) for metric, (_, form) in PANELS.items()),
                number(metrics.get("usd"), ".4f"),
            )
            for run in runs
            for series in series_of([run])
            for metrics in [run.series[series]]
        ],
    )
