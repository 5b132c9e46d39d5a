"""Quality against cost: one picture for what was proven, one for what the subject approved."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from flagbench.report.content import Grid, Picture
from flagbench.report.html.frontier import Point, cost_metric, frontier, points
from flagbench.report.html.svg import ACCENT, INK, PAPER, QUIET, drawn
from flagbench.report.series_report import SeriesReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUALITIES = {
    "acceptance_rate": "Accepted: proven by running it",
    "approval_rate": "Approved: by the generator's own review",
}
_COSTS = {"usd": "US$ per trial", "tokens": "tokens per trial"}
# The two series that people look for first are named in the picture.
_LANDMARKS = {"none": "s", "all": "D"}
_NAMES_SHOWN = 4


def pictures(anchor: str, name: str, members: Sequence[SeriesReport]) -> Iterator[Picture]:
    """The pictures of one scenario; a quality that nothing was measured of is not drawn."""
    cost = cost_metric(members)
    for quality, title in _QUALITIES.items():
        found = points(members, cost, quality)
        if found:
            best = frontier(found)
            told = "On the frontier, the cheapest first: " + "; ".join(
                f"{listed(point.names)} ({amount(point.cost, cost)}, {point.quality:.1%})"
                for point in best
            )
            yield Picture(
                title=title,
                told=told,
                svg=drawn(
                    f"{anchor}-{quality.partition('_')[0]}",
                    f"{name}: {title}, against {_COSTS[cost]}",
                    told,
                    _scatter(found, best, cost),
                ),
                behind=_behind(name, title, found, best, cost),
            )


def amount(value: float, cost: str) -> str:
    """A cost in words."""
    return f"US$ {value:.4f}" if cost == "usd" else f"{value:,.0f} tokens"


def listed(names: Sequence[str]) -> str:
    """So many names, those that people look for first, and how many more there are."""
    names = sorted(names, key=lambda name: name not in _LANDMARKS)
    more = len(names) - _NAMES_SHOWN
    if more <= 1:  # a name is no longer than saying that there is one more
        return ", ".join(names)
    return f"{', '.join(names[:_NAMES_SHOWN])} and {more} more"


def _scatter(
    found: Sequence[Point], best: Sequence[Point], cost: str
) -> Callable[["Axes"], Mapping[str, str]]:
    """What draws the points, and a stair over those that nothing beats."""
    dearest = max(point.cost for point in found) or 1.0

    def draw(axes: "Axes") -> Mapping[str, str]:
        axes.set_xlim(0, dearest * 1.06)
        axes.set_ylim(0, 1.04)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter("{x:.3g}" if cost == "usd" else "{x:,.0f}")
        axes.set_xlabel(_COSTS[cost])
        stair = [
            *((point.cost, point.quality) for point in best),
            (dearest * 1.06, best[-1].quality),
        ]
        axes.step(*zip(*stair, strict=True), where="post", color=ACCENT, clip_on=False)
        words = {}
        for place, point in enumerate(found):
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
            words[f"point-{place}"] = _words(point, cost)
            if landmarks:
                _name(axes, point, ", ".join(landmarks), is_right=point.cost > dearest / 2)
        return words

    return draw


def _name(axes: "Axes", point: Point, name: str, *, is_right: bool) -> None:
    """Name a point below it, where a stair never runs, and towards the middle."""
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


def _words(point: Point, cost: str) -> str:
    return f"{listed(point.names)}: {amount(point.cost, cost)}, {point.quality:.1%}"


def _behind(
    name: str, title: str, found: Sequence[Point], best: Sequence[Point], cost: str
) -> Grid:
    return Grid(
        caption=f"{name}: {title}",
        columns=("series", _COSTS[cost], "share", "frontier"),
        rows=[
            (
                each,
                f"{point.cost:.4f}" if cost == "usd" else f"{point.cost:,.0f}",
                f"{point.quality:.1%}",
                "yes" if point in best else "no",
            )
            for point in found
            for each in point.names
        ],
    )
