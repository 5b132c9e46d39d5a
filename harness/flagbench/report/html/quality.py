"""Quality against cost: a chart of acceptance and a chart of approval."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flagbench.report.content import Grid, Picture
from flagbench.report.html.frontier import Point, frontier, points
from flagbench.report.pictured_series import Measured, cost_metric
from flagbench.report.svg import ACCENT, INK, PAPER, QUIET, Figure
from flagbench.shown_numbers import rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUALITIES = {
    "acceptance_rate": "Accepted: proven by running it",
    "approval_rate": "Approved: by the generator's own review",
}
_COSTS = {"usd": "US$ per trial", "tokens": "tokens per trial"}
# Series that are labelled in the chart, with their markers, and what these look like.
_LANDMARKS = {"none": "s", "all": "D"}
_SHAPES = {"s": "square", "D": "diamond"}
_NAMES_SHOWN = 4
# A share whose label would cover the numbers of the axis below.
_LOW = 0.1


def pictures(anchor: str, name: str, members: Sequence[Measured]) -> Iterator[Picture]:
    """The charts of one scenario; a quality without measurements has none."""
    cost = cost_metric(members)
    for quality, title in _QUALITIES.items():
        ordered = points(members, cost, quality)
        if ordered:
            best = frontier(ordered)
            description = "On the frontier, cheapest first: " + "; ".join(
                f"{join_names(point.names)} ({amount(point.cost, cost)}, {rate(point.quality, 1)})"
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


def legend(pictures: Iterable[Picture]) -> str:
    """The legend of these charts: of the markers, those that are drawn."""
    scatters = [each.figure.draw for each in pictures if isinstance(each.figure.draw, _Scatter)]
    text = (
        "Every point is a series: filled if no series of the same or a lower cost is better (the "
        "frontier, drawn as a step line), hollow otherwise."
    )
    drawn: dict[str, dict[str, None]] = {}
    for name, marker in (found for scatter in scatters for found in scatter.marked()):
        drawn.setdefault(marker, {})[f"`{name}`"] = None
    told = [
        f"The {shape} is {' or '.join(drawn[marker])}."
        for marker, shape in _SHAPES.items()
        if marker in drawn
    ]
    return " ".join([text, *told])


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

    def marked(self) -> Iterator[tuple[str, str]]:
        """The series that a marker of its own is drawn for, each with the marker."""
        marks = self._marks()
        for point in self.ordered:
            names = [name for name in point.names if name in marks]
            yield from ((name, marks[name]) for name in names[:1])

    def _marks(self) -> Mapping[str, str]:
        """The labelled series with their markers: `none` and `all`, and both of two."""
        names = [name for point in self.ordered for name in point.names]
        marks = {name: marker for name, marker in _LANDMARKS.items() if name in names}
        if len(names) == len(_LANDMARKS):
            free = (marker for marker in _LANDMARKS.values() if marker not in marks.values())
            marks |= zip((name for name in names if name not in marks), free, strict=False)
        return marks

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
        texts, marks = dict[str, str](), self._marks()
        for place, point in enumerate(ordered):
            landmarks = [name for name in point.names if name in marks]
            axes.plot(
                point.cost,
                point.quality,
                marker=marks[landmarks[0]] if landmarks else "o",
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
    """Label a point towards the middle: below it, where the step line never runs.

    One at the bottom is labelled above it, where the axis has no numbers.
    """
    is_low = point.quality < _LOW
    axes.annotate(
        name,
        (point.cost, point.quality),
        xytext=(5 if is_right else 3, 8 if is_low else -8),
        textcoords="offset points",
        ha="right" if is_right else "left",
        va="bottom" if is_low else "top",
        color=INK,
        weight="bold",
        annotation_clip=False,
        zorder=2.5,  # above the lines, below the points
    )


def _point_text(point: Point, cost: str) -> str:
    return f"{join_names(point.names)}: {amount(point.cost, cost)}, {rate(point.quality, 1)}"


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
                rate(point.quality, 1),
                "yes" if point in best else "no",
            )
            for point in ordered
            for series in point.names
        ],
    )
