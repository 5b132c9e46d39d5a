"""Drawing of trends: two rows of two panels, a line per series, a point per run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flagbench.report.history import Run
from flagbench.report.svg import ACCENT, INK, KINDS, LINE, PAPER, QUIET
from flagbench.shown_numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# metric -> label, format
PANELS = {
    "tokens": ("tokens", ",.0f"),
    "seconds": ("seconds", ",.1f"),
    "approval_rate": ("approved", ".0%"),
    "acceptance_rate": ("accepted", ".0%"),
}
_STYLES = {"none": (QUIET, "s"), "all": (ACCENT, "D"), "default": (KINDS[1], "o")}
_PANEL_W_PX, _PANEL_H_PX, _PLOT_W_PX, _LEGEND_PX = 180, 118, 108, 22
_PLOT_TOP_PX, _PLOT_BOTTOM_PX, _PLOT_LEFT_PX = 30, 104, 6
_LABEL_GAP_PX = 12
HEIGHT_PX = _LEGEND_PX + 2 * _PANEL_H_PX


def series_of(runs: Sequence[Run]) -> list[str]:
    """The series that any of the runs has, in drawing order."""
    return [name for name in _STYLES if any(name in run.series for run in runs)]


@dataclass
class Drawing:
    """Draws two rows of two panels, with a line for each series."""

    runs: Sequence[Run]

    def __post_init__(self) -> None:
        self._names = series_of(self.runs)
        self._texts: dict[str, str] = {}

    def __call__(self, axes: "Axes") -> Mapping[str, str]:
        """Draw; returns the tooltip of every point."""
        x = 8.0
        for name in self._names:
            self._mark(axes, x, 9, name, "")
            axes.text(x + 8, 9, name, va="center", color=QUIET)
            x += 34 + 6.5 * len(name)
        for place, metric in enumerate(PANELS):
            row, column = divmod(place, 2)
            self._panel(axes, metric, column * _PANEL_W_PX, _LEGEND_PX + row * _PANEL_H_PX)
        return self._texts

    def _panel(self, axes: "Axes", metric: str, left: float, top: float) -> None:
        label, form = PANELS[metric]
        axes.text(left, top + 12, label, va="center", weight="bold")
        values = {
            name: [
                (at, run.series[name][metric])
                for at, run in enumerate(self.runs)
                if metric in run.series.get(name, {})
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
                    left + _PLOT_LEFT_PX + at / (len(self.runs) - 1) * _PLOT_W_PX,
                    zero - y / highest * height,
                )
                for at, y in points
            ]
            if not placed:
                continue
            axes.plot(*zip(*placed, strict=True), color=_STYLES[name][0], linewidth=1.5)
            for (x, y), (at, value) in zip(placed, points, strict=True):
                self._mark(
                    axes,
                    x,
                    y,
                    name,
                    f"{metric}-{name}-{at}",
                    f"{name}, {_run_label(self.runs[at])}: {label} {number(value, form)}",
                )
            ends.append((placed[-1][1], number(points[-1][1], form)))
        for y, text in _without_overlap(ends):
            axes.text(
                left + _PLOT_W_PX + _PLOT_LEFT_PX * 2 + 4,
                y,
                text,
                va="center",
                fontsize=10,
                color=INK,
            )

    def _mark(self, axes: "Axes", x: float, y: float, name: str, gid: str, text: str = "") -> None:
        colour, marker = _STYLES[name]
        axes.plot(
            x,
            y,
            marker=marker,
            markersize=5,
            markerfacecolor=PAPER if name == "none" else colour,
            markeredgecolor=colour,
            gid=gid or None,
        )
        if text:
            self._texts[gid] = text


def _without_overlap(labels: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Labels from the top, moved down where they would overlap; equal ones once."""
    placed: list[tuple[float, str]] = []
    for y, text in sorted(set(labels)):
        if placed and text == placed[-1][1]:
            continue
        placed.append((max(y, placed[-1][0] + _LABEL_GAP_PX) if placed else y, text))
    return placed


def _run_label(run: Run) -> str:
    return f"{run.date:%Y-%m-%d %H:%M}" + (f" {run.commit}" if run.commit else "")
