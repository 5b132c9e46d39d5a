"""Quality against cost: a chart of acceptance and a chart of approval."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flagbench.report.content import Grid, Picture
from flagbench.report.html.frontier import Point, frontier, points
from flagbench.report.html.svg import ACCENT, INK, PAPER, QUIET, Figure
from flagbench.report.pictured_series import Measured, cost_metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEGEND = (
    "Every point is a series: filled if no series of the same or a lower cost is better (the "
    "frontier, drawn as a step line), hollow otherwise. The square is `none`, the diamond `all`."
)
_QUALITIES = {
    "acceptance_rate": "Accepted: proven by running it",
    "approval_rate": "Approved: by the generator's own review",
}
_COSTS = {"usd": "US$ per trial", "tokens": "tokens per trial"}
# Series that are labelled in the chart, with their markers.
_LANDMARKS = {"none": "s", "all": "D"}
_NAMES_SHOWN = 4


def pictures(anchor: str, name: str, members: Sequence[Measured]) -> Iterator[Picture]:
    """The charts of one scenario; a quality without measurements has none."""
    cost = cost_metric(members)
    for quality, title in _QUALITIES.items():
        ordered = points(members, cost, quality)
        if ordered:
            best = frontier(ordered)
            description = "On the frontier, cheapest first: " + "; ".join(
                f"{join_names(point.names)} ({amount(point.cost, cost)}, {point.quality:.1%})"
                for point in best
            )
            yield Picture(
                title=title,
                description=description,
                figure=Figure(
                    f"{anchor}-{quality.partition('_')[0]}",
                    f"{name}: {title}, against {_COSTS[cost]}",
                    description,
                    _Scatter(ordered, best, cost),
                ),
                behind=_data_of(name, title, ordered, best, cost),
            )


def amount(value: float, cost: str) -> str:
    """A cost with its unit."""
    return f"US$ {value:.4f}" if cost == "usd" else f"{value:,.0f} tokens"


def join_names(names: Sequence[str]) -> str:
    """At most `_NAMES_SHOWN` names, landmarks first, and the number of further ones."""
    names = sorted(names, key=lambda name: name not in _LANDMARKS)
    more = len(names) - _NAMES_SHOWN
    if more <= 1:  # naming the last one takes no more room than "and 1 more"
        return ", ".join(names)
    return f"{', '.join(names[:_NAMES_SHOWN])} and {more} more"


@dataclass(frozen=True, slots=True)
class _Scatter:
    """Draws the points and a step line through the frontier."""

    ordered: Sequence[Point]
    best: Sequence[Point]
    cost: str

    def __call__(self, axes: "Axes") -> Mapping[str, str]:
        ordered, best, cost = self.ordered, self.best, self.cost
        highest = max(point.cost for point in ordered) or 1.0
        axes.set_xlim(0, highest * 1.06)
        axes.set_ylim(0, 1.04)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter("{x:.3g}" if cost == "usd" else "{x:,.0f}")
        axes.set_xlabel(_COSTS[cost])
        staircase = [
            *((point.cost, point.quality) for point in best),
            (highest * 1.06, best[-1].quality),
        ]
        axes.step(*zip(*staircase, strict=True), where="post", color=ACCENT, clip_on=False)
        texts = {}
        for place, point in enumerate(ordered):
            landmarks = [name for name in point.names if name in _LANDMARKS]
            axes.plot(
                point.cost,
                point.quality,
                marker=_LANDMARKS[landmarks[0]] if landmarks else "o",
                markersize=8 if landmarks else 6,
                markerfacecolor=ACCENT if point in best else PAPER,
                markeredgecolor=ACCENT if point in best else QUIET,
                clip_on=False,
                gid=f"point-{place}",
                zorder=4 if landmarks else 3,
            )
            texts[f"point-{place}"] = _point_text(point, cost)
            if landmarks:
                _name(axes, point, ", ".join(landmarks), is_right=point.cost > highest / 2)
        return texts


def _name(axes: "Axes", point: Point, name: str, *, is_right: bool) -> None:
    """Label a point below it, where the step line never runs, and towards the middle."""
    axes.annotate(
        name,
        (point.cost, point.quality),
        xytext=(5 if is_right else -5, -8),
        textcoords="offset points",
        ha="right" if is_right else "left",
        va="top",
        color=INK,
        weight="bold",
        annotation_clip=False,
        zorder=2.5,  # above the lines, below the points
    )


def _point_text(point: Point, cost: str) -> str:
    return f"{join_names(point.names)}: {amount(point.cost, cost)}, {point.quality:.1%}"


def _data_of(
    name: str, title: str, ordered: Sequence[Point], best: Sequence[Point], cost: str
) -> Grid:
    return Grid(
        caption=f"{name}: {title}",
        columns=("series", _COSTS[cost], "share", "frontier"),
        rows=[
            (
                series,
                f"{point.cost:.4f}" if cost == "usd" else f"{point.cost:,.0f}",
                f"{point.quality:.1%}",
                "yes" if point in best else "no",
            )
            for point in ordered
            for series in point.names
        ],
    )
