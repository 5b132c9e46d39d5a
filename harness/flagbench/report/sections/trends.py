"""Trends over stored runs: small multiples of what `none` and `all` cost and how good they were."""

from collections.abc import Iterator, Mapping, Sequence

from flagbench.report.content import Grid, Part, Picture
from flagbench.report.data import history
from flagbench.report.data.history import Run
from flagbench.report.html.svg import drawn, sheet
from flagbench.report.sections.trends_drawing import HEIGHT_PX, PANELS, Drawing, series_of
from flagbench.report.series_report import RunReport
from flagbench.run.options import Options

ANCHOR = "trends"
# More points than these are no longer told apart; the table has them all.
_SHOWN_RUNS = 40


def part(report: RunReport, options: Options) -> Part:
    """The section; where a scenario has fewer than two runs, it says how to get them."""
    runs = {
        name: history.comparable(options, members[0])
        for name, members in report.by_scenario().items()
    }
    drawable = {name: found for name, found in runs.items() if len(found) > 1}
    told = []
    if drawable:
        told.append(
            "A point for each stored run, the oldest first: means per trial of the whole session."
        )
    waiting = [name for name in runs if name not in drawable]
    if waiting:
        told.append(
            f"Fewer than two runs are stored of {', '.join(waiting)}. A whole run (no -k, no "
            "--trials, not interrupted) stores a line in reports/history when it finds something "
            "else than the last run did."
        )
    return Part(ANCHOR, "Trends", told=told, pictures=list(_pictures(drawable)))


def _pictures(runs: Mapping[str, Sequence[Run]]) -> Iterator[Picture]:
    for place, (name, found) in enumerate(runs.items(), start=1):
        shown = found[-_SHOWN_RUNS:]
        told = _told(shown)
        yield Picture(
            title=name,
            told=told,
            svg=drawn(
                f"{ANCHOR}-{place}", f"{name}: trends over {len(shown)} runs", told,
                Drawing(shown), sheet(HEIGHT_PX),
            ),
            behind=_behind(name, found),
        )  # fmt: skip


def _told(runs: Sequence[Run]) -> str:
    first, last = runs[0], runs[-1]
    told = []
    for series in series_of(runs):
        before, after = first.series.get(series, {}), last.series.get(series, {})
        moves = [
            f"{label} {before[metric]:{form}} to {after[metric]:{form}}"
            for metric, (label, form) in PANELS.items()
            if metric in before and metric in after
        ]
        if moves:
            told.append(f"{series}: {', '.join(moves)}")
    return f"From {first.date:%Y-%m-%d} to {last.date:%Y-%m-%d}. {'; '.join(told)}"


def _behind(name: str, runs: Sequence[Run]) -> Grid:
    return Grid(
        caption=f"{name}: stored runs",
        columns=("run", "commit", "series", *(label for label, _ in PANELS.values()), "US$"),
        rows=[
            (
                f"{run.date:%Y-%m-%d %H:%M}",
                run.commit or "n/a",
                series,
                *(
                    f"{metrics[metric]:{form}}" if metric in metrics else "n/a"
                    for metric, (_, form) in PANELS.items()
                ),
                f"{metrics['usd']:.4f}" if "usd" in metrics else "n/a",
            )
            for run in runs
            for series in series_of([run])
            for metrics in [run.series[series]]
        ],
    )
