"""The timeline section: calls and waits of every agent, two series on one virtual clock."""

import math
from collections.abc import Iterator, Sequence

from flagbench.measurement.trace import Span
from flagbench.report.content import Grid, Part, Picture
from flagbench.report.pictured_series import choose_series
from flagbench.report.sections.timeline_drawing import Drawing, Panel
from flagbench.report.series_report import RunReport
from flagbench.report.svg import WIDE_PX, Figure, sheet

ANCHOR = "timeline"


def part(report: RunReport) -> Part | None:
    """The section, one chart per scenario with any activity; None without any."""
    pictures = list(_pictures(report))
    if not pictures:
        return None
    is_pair = any(len(choose_series(members)) > 1 for members in report.by_scenario().values())
    return Part(
        ANCHOR,
        "Timeline",
        paragraphs=(
            f"One trial of {'two' if is_pair else 'one'} series on one virtual clock: the first "
            "trial, or the last where the provider's settings differ by trial. Every bar is a "
            "call of an agent: red if it failed, hollow if it was cancelled; hatched bars are "
            "waits before a retry. The numbers count the requests.",
        ),
        pictures=pictures,
    )


def _pictures(report: RunReport) -> Iterator[Picture]:
    for place, (name, members) in enumerate(report.by_scenario().items(), start=1):
        series = choose_series(members)
        if not series:
            continue
        panels = [Panel(member.combination, tuple(member.timeline)) for member in series]
        drawing = Drawing(panels)
        description = "; ".join(_describe(panel) for panel in panels)
        yield Picture(
            title=name,
            description=description,
            figure=Figure(
                f"{ANCHOR}-{place}",
                f"{name}: timeline of {' and '.join(panel.name for panel in panels)}",
                description,
                drawing,
                sheet(drawing.height_px, WIDE_PX),
            ),
            behind=Grid(
                caption=f"{name}: every call and wait of the trial",
                columns=(
                    "series", "request", "agent", "kind", "from second", "to second", "outcome",
                    "tokens",
                ),
                rows=[_row(panel.name, span) for panel in panels for span in panel.spans],
            ),
            is_wide=True,
        )  # fmt: skip


def _describe(panel: Panel) -> str:
    calls = [span for span in panel.spans if span.what == "call"]
    waits = [span for span in panel.spans if span.what == "wait"]
    waited = math.fsum(span.ended_seconds - span.started_seconds for span in waits)
    parallel = _max_parallel(calls)
    text = f"{panel.name}: {panel.seconds:,.1f} s, calls: {len(calls):,}, in parallel: {parallel}"
    return f"{text}, waits: {len(waits):,} ({waited:,.1f} s)" if waits else text


def _max_parallel(calls: Sequence[Span]) -> int:
    """The largest number of open calls; a call that ends frees its slot before one starts."""
    changes = sorted(
        change for call in calls for change in ((call.started_seconds, 1), (call.ended_seconds, -1))
    )
    opened, most = 0, min(1, len(calls))
    for _, change in changes:
        opened += change
        most = max(most, opened)
    return most


def _row(name: str, span: Span) -> tuple[str, ...]:
    return (
        name,
        str(span.request),
        span.agent or "subject",
        f"wait: {span.phase}" if span.what == "wait" else span.phase or "call",
        f"{span.started_seconds:,.2f}",
        f"{span.ended_seconds:,.2f}",
        span.outcome,
        f"{span.tokens:,}",
    )
