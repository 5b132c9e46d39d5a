"""Trends over stored runs: small multiples of what `none` and `all` cost and how good they were."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.options import Options
from harness.report import history
from harness.report.history import Run
from harness.report.html.drawing import ACCENT, INK, KINDS, LINE, PAPER, QUIET, drawn, sheet
from harness.report.html.parts import Grid, Part, Picture
from harness.report.run_report import RunReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ANCHOR = "trends"
# metric -> label, form
_PANELS = {
    "tokens": ("tokens", ",.0f"),
    "seconds": ("seconds", ",.1f"),
    "approval_rate": ("approved", ".0%"),
    "acceptance_rate": ("accepted", ".0%"),
}
_LOOKS = {"none": (QUIET, "s"), "all": (ACCENT, "D"), "default": (KINDS[1], "o")}
# More points than these are no longer told apart; the table has them all.
_SHOWN_RUNS = 40
_PANEL_W_PX, _PANEL_H_PX, _PLOT_W_PX, _LEGEND_PX = 180, 118, 108, 22
_PLOT_TOP_PX, _PLOT_BOTTOM_PX, _PLOT_LEFT_PX = 30, 104, 6
_LABEL_GAP_PX = 12


def part(report: RunReport, options: Options) -> Part:
    """The section; where a scenario has fewer than two runs, it says how to get them."""
    runs = {
        name: comparable(history.load(history.path_of(options, name)))
        for name in report.by_scenario()
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
            "else than the last one did."
        )
    return Part(ANCHOR, "Trends", told=told, pictures=list(_pictures(drawable)))


def comparable(runs: Sequence[Run]) -> Sequence[Run]:
    """The runs of the same provider and model as the last."""
    return [one for one in runs if (one.provider, one.model) == (runs[-1].provider, runs[-1].model)]


def _pictures(runs: Mapping[str, Sequence[Run]]) -> Iterator[Picture]:
    for place, (name, found) in enumerate(runs.items(), start=1):
        shown = found[-_SHOWN_RUNS:]
        told = _told(shown)
        yield Picture(
            title=name,
            told=told,
            svg=drawn(
                f"{ANCHOR}-{place}", f"{name}: trends over {len(shown)} runs", told,
                _Drawing(shown), sheet(_LEGEND_PX + 2 * _PANEL_H_PX),
            ),
            behind=_behind(name, found),
        )  # fmt: skip


def _told(runs: Sequence[Run]) -> str:
    first, last = runs[0], runs[-1]
    told = []
    for series in _series(runs):
        before, after = first.series.get(series, {}), last.series.get(series, {})
        moves = [
            f"{label} {before[metric]:{form}} to {after[metric]:{form}}"
            for metric, (label, form) in _PANELS.items()
            if metric in before and metric in after
        ]
        if moves:
            told.append(f"{series}: {', '.join(moves)}")
    return f"From {first.date:%Y-%m-%d} to {last.date:%Y-%m-%d}. {'; '.join(told)}"


def _series(runs: Sequence[Run]) -> list[str]:
    return [name for name in _LOOKS if any(name in one.series for one in runs)]


class _Drawing:
    """Draws two rows of two panels; a line for each series."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._names = _series(runs)
        self._words: dict[str, str] = {}

    def __call__(self, axes: "Axes") -> Mapping[str, str]:
        x = 8.0
        for name in self._names:
            self._mark(axes, x, 9, name, "")
            axes.text(x + 8, 9, name, va="center", color=QUIET)
            x += 34 + 6.5 * len(name)
        for place, metric in enumerate(_PANELS):
            row, column = divmod(place, 2)
            self._panel(axes, metric, column * _PANEL_W_PX, _LEGEND_PX + row * _PANEL_H_PX)
        return self._words

    def _panel(self, axes: "Axes", metric: str, left: float, top: float) -> None:
        label, form = _PANELS[metric]
        axes.text(left, top + 12, label, va="center", weight="bold")
        values = {
            name: [
                (at, one.series[name][metric])
                for at, one in enumerate(self._runs)
                if metric in one.series.get(name, {})
            ]
            for name in self._names
        }
        highest = (
            1.0
            if form.endswith("%")
            else max((y for points in values.values() for _, y in points), default=0.0) or 1.0
        )
        zero, height = top + _PLOT_BOTTOM_PX, _PLOT_BOTTOM_PX - _PLOT_TOP_PX
        for level in (0, 0.5, 1):
            y = zero - level * height
            axes.plot(
                [left, left + _PLOT_W_PX + _PLOT_LEFT_PX * 2], [y, y], color=LINE, linewidth=0.7
            )
        ends = []
        for name, points in values.items():
            placed = [
                (
                    left + _PLOT_LEFT_PX + at / (len(self._runs) - 1) * _PLOT_W_PX,
                    zero - y / highest * height,
                )
                for at, y in points
            ]
            if not placed:
                continue
            axes.plot(*zip(*placed, strict=True), color=_LOOKS[name][0], linewidth=1.5)
            for (x, y), (at, value) in zip(placed, points, strict=True):
                self._mark(
                    axes,
                    x,
                    y,
                    name,
                    f"{metric}-{name}-{at}",
                    f"{name}, {_called(self._runs[at])}: {label} {value:{form}}",
                )
            ends.append((placed[-1][1], f"{points[-1][1]:{form}}"))
        for y, text in _apart(ends):
            axes.text(
                left + _PLOT_W_PX + _PLOT_LEFT_PX * 2 + 4,
                y,
                text,
                va="center",
                fontsize=10,
                color=INK,
            )

    def _mark(self, axes: "Axes", x: float, y: float, name: str, gid: str, words: str = "") -> None:
        colour, marker = _LOOKS[name]
        axes.plot(
            x,
            y,
            marker=marker,
            markersize=5,
            markerfacecolor=PAPER if name == "none" else colour,
            markeredgecolor=colour,
            gid=gid or None,
        )
        if words:
            self._words[gid] = words


def _apart(labels: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Labels from the top, moved down where they would stand on each other; equal ones once."""
    found: list[tuple[float, str]] = []
    for y, text in sorted(set(labels)):
        if found and text == found[-1][1]:
            continue
        found.append((max(y, found[-1][0] + _LABEL_GAP_PX) if found else y, text))
    return found


def _called(run: Run) -> str:
    return f"{run.date:%Y-%m-%d %H:%M}" + (f" {run.commit}" if run.commit else "")


def _behind(name: str, runs: Sequence[Run]) -> Grid:
    return Grid(
        caption=f"{name}: stored runs",
        columns=("run", "commit", "series", *(label for label, _ in _PANELS.values()), "US$"),
        rows=[
            (
                f"{one.date:%Y-%m-%d %H:%M}",
                one.commit or "n/a",
                series,
                *(
                    f"{metrics[metric]:{form}}" if metric in metrics else "n/a"
                    for metric, (_, form) in _PANELS.items()
                ),
                f"{metrics['usd']:.4f}" if "usd" in metrics else "n/a",
            )
            for one in runs
            for series, metrics in one.series.items()
        ],
    )
