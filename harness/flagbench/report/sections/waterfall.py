"""Savings by flag: a waterfall from `none` to `all` by the flags' Shapley values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flagbench.analysis.attribution.effects import Attribution, Effect, MetricEffects
from flagbench.report.content import Grid, Part, Picture
from flagbench.report.sections.formatting import LABELS, amount, change
from flagbench.report.svg import BAD, GOOD, INK, LINE, QUIET, Figure, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ANCHOR = "waterfall"
_DRAWN = ("tokens", "seconds")
_ROW_PX, _HEAD_PX, _GAP_PX = 21, 26, 14
_BARS_FROM_PX, _BARS_TO_PX, _VALUES_TO_PX = 88, 262, 358
# A smaller share of the cost of `none` is too small a bar to be visible.
_LEAST_SHARE = 0.0005


def part(attributions: Sequence[Attribution]) -> Part | None:
    """The section, of scenarios whose full design was run; None without any."""
    if not attributions:
        return None
    return Part(
        ANCHOR,
        "Savings by flag",
        paragraphs=(
            "The saving of a flag depends on the other flags that are on. Its Shapley value is the "
            "mean over all orders in which the flags could be switched on, so the values add up to "
            "exactly what `all` saves. Increases come first, then savings, the largest first.",
        ),
        pictures=list(_pictures(attributions)),
    )


def _pictures(attributions: Sequence[Attribution]) -> Iterator[Picture]:
    for place, attribution in enumerate(attributions, start=1):
        panels = [panel for panel in _known(attribution) if panel[0].metric in _DRAWN]
        description = "; ".join(_describe(*panel) for panel in panels)
        title = f"{attribution.scenario}: from none to all, per request"
        height = len(panels) * (_HEAD_PX + (len(attribution.flags) + 2) * _ROW_PX + _GAP_PX)
        yield Picture(
            title=title,
            description=description,
            figure=Figure(f"{ANCHOR}-{place}", title, description, _Drawing(panels), sheet(height)),
            behind=_data_of(attribution),
        )


def _known(attribution: Attribution) -> list[tuple[MetricEffects, float]]:
    """The metrics with the amount of `all`, without those of which it is unknown."""
    return [(metric, metric.all) for metric in attribution.metrics if metric.all is not None]


def steps(metric: MetricEffects) -> list[tuple[Effect, float, float]]:
    """Every flag with the amount before and after it: increases first, then the largest saving.

    In this order no amount falls below that of `all`.
    """
    ordered = sorted(
        metric.shapley, key=lambda effect: (effect.value <= 0, -abs(effect.value), effect.flags)
    )
    moves, before = [], metric.none
    for effect in ordered:
        moves.append((effect, before, before + effect.value))
        before += effect.value
    return moves


@dataclass
class _Drawing:
    """Draws panels below each other."""

    panels: Sequence[tuple[MetricEffects, float]]

    def __post_init__(self) -> None:
        self._texts: dict[str, str] = {}

    def __call__(self, axes: "Axes") -> Mapping[str, str]:
        top = 0.0
        for metric, everything in self.panels:
            top = self._panel(axes, metric, everything, top)
        return self._texts

    def _panel(self, axes: "Axes", metric: MetricEffects, everything: float, top: float) -> float:
        moves = steps(metric)
        highest = max([metric.none, *(after for _, _, after in moves)]) or 1.0
        scale = (_BARS_TO_PX - _BARS_FROM_PX) / highest
        axes.text(0, top + _HEAD_PX / 2, LABELS[metric.metric], va="center", weight="bold")
        y = top + _HEAD_PX + _ROW_PX / 2
        bottom = y + (len(moves) + 1.5) * _ROW_PX
        axes.plot([_BARS_FROM_PX] * 2, [top + _HEAD_PX, bottom], color=LINE, linewidth=1)
        self._row(axes, metric, y, "none", (0.0, metric.none), scale)
        for effect, before, after in moves:
            x = _BARS_FROM_PX + before * scale
            axes.plot([x, x], [y, y + _ROW_PX], color=QUIET, linewidth=0.7, zorder=0)
            y += _ROW_PX
            self._row(axes, metric, y, effect.flags[0], (before, after), scale)
        end = moves[-1][2] if moves else metric.none
        axes.plot(
            [_BARS_FROM_PX + end * scale] * 2, [y, y + _ROW_PX], color=QUIET, linewidth=0.7,
            zorder=0,
        )  # fmt: skip
        self._row(axes, metric, y + _ROW_PX, "all", (0.0, everything), scale)
        return bottom + _GAP_PX

    def _row(
        self,
        axes: "Axes",
        metric: MetricEffects,
        y: float,
        name: str,
        span: tuple[float, float],
        scale: float,
    ) -> None:
        is_total = name in ("none", "all")
        before, after = span
        low, high = sorted(span)
        gid = f"{metric.metric}-{name}"
        is_visible = high - low > _LEAST_SHARE * metric.none
        colour = QUIET if is_total or not is_visible else GOOD if after < before else BAD
        value = (
            amount(metric.metric, after)
            if is_total
            else change(metric.metric, after - before, metric.none)
        )
        axes.text(
            _BARS_FROM_PX - 8, y, name, ha="right", va="center",
            weight="bold" if is_total else "normal",
        )  # fmt: skip
        axes.barh(
            y, max((high - low) * scale, 1.2), left=_BARS_FROM_PX + low * scale,
            height=_ROW_PX * 0.62, color=colour, linewidth=0,
        )[0].set_gid(gid)  # fmt: skip
        axes.text(
            _VALUES_TO_PX, y, value, ha="right", va="center",
            color=INK if is_visible or is_total else QUIET,
        )  # fmt: skip
        self._texts[gid] = f"{name}: {value}"


def _describe(metric: MetricEffects, everything: float) -> str:
    moves = ", ".join(
        f"{effect.flags[0]} {change(metric.metric, effect.value, metric.none)}"
        for effect, _, _ in steps(metric)
        if abs(effect.value) > _LEAST_SHARE * metric.none
    )
    none, whole = (amount(metric.metric, x) for x in (metric.none, everything))
    return f"{LABELS[metric.metric]}: none {none}, {moves or 'no change'}, all {whole}"


def _data_of(attribution: Attribution) -> Grid:
    rows = []
    for metric, everything in _known(attribution):
        label = LABELS.get(metric.metric, metric.metric)
        rows.append((label, "none", amount(metric.metric, metric.none), "", ""))
        for effect, _, _ in steps(metric):
            share = (
                f"{effect.value / metric.whole.value:.1%}"
                if metric.whole and metric.whole.value
                else "n/a"
            )
            rows.append(
                (
                    label,
                    effect.flags[0],
                    change(metric.metric, effect.value),
                    limits(metric.metric, effect),
                    share,
                )
            )
        if metric.whole:
            rows.append(
                (
                    label,
                    "all - none",
                    change(metric.metric, metric.whole.value),
                    limits(metric.metric, metric.whole),
                    "100.0%" if metric.whole.value else "n/a",
                )
            )
        rows.append((label, "all", amount(metric.metric, everything), "", ""))
    return Grid(
        caption=f"{attribution.scenario}: Shapley values of the flags",
        columns=("metric", "flag", "value", "95 % limits over the trials", "share"),
        rows=rows,
    )


def limits(metric: str, effect: Effect) -> str:
    """The interval of an effect, or `n/a` with one trial."""
    if effect.low is None or effect.high is None:
        return "n/a"
    return f"{change(metric, effect.low)} to {change(metric, effect.high)}"
