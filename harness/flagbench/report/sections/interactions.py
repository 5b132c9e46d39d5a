"""Interactions of two flags as a heat map: the effect of a pair beyond the sum of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from flagbench.analysis.attribution.effects import Attribution, Effect
from flagbench.report.content import Grid, Part, Picture
from flagbench.report.sections.formatting import LABELS, change
from flagbench.report.sections.waterfall import limits
from flagbench.report.svg import ACCENT, INK, KINDS, LINE, QUIET, Figure, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ANCHOR = "interactions"
_METRIC = "tokens"
_LESS, _MORE = ACCENT, KINDS[1]
_LEFT_PX, _RIGHT_PX, _ROW_PX = 92, 358, 34
_MAX_SQUARE_PX, _MIN_FULL_PX = 60, 46
# Text stays readable on the darkest square.
_STRONGEST = 0.55
_SIGNIFICANT = 0.05


def part(attributions: Sequence[Attribution]) -> Part | None:
    """The section, of scenarios whose full design was run; None without any."""
    pictures = [
        _picture(place, attribution, effects)
        for place, attribution in enumerate(attributions, start=1)
        if (effects := interactions_of(attribution))
    ]
    if not pictures:
        return None
    return Part(
        ANCHOR,
        "Interactions",
        paragraphs=(
            "Half the change in a flag's effect on tokens per request when another flag is "
            "switched on, averaged over all settings of the others. Orange, +: together they save "
            "less than the sum of both, because they save the same tokens. Blue, -: together they "
            "save more than the sum. Bold: differs from zero in these trials after Holm's "
            "correction.",
        ),
        pictures=pictures,
    )


def interactions_of(attribution: Attribution) -> dict[tuple[str, ...], Effect]:
    """Pair of flags, in the order of the scenario's -> its interaction."""
    return {
        effect.flags: effect
        for metric in attribution.metrics
        if metric.metric == _METRIC
        for effect in metric.interactions
    }


def _picture(
    place: int, attribution: Attribution, effects: Mapping[tuple[str, ...], Effect]
) -> Picture:
    title = f"{attribution.scenario}: {LABELS[_METRIC]}"
    description = _describe(effects)
    return Picture(
        title=title,
        description=description,
        figure=Figure(
            f"{ANCHOR}-{place}",
            f"{title}, interactions of two flags",
            description,
            _Drawing(attribution.flags, effects),
            sheet(len(attribution.flags) * _ROW_PX + 4),
        ),
        behind=Grid(
            caption=f"{attribution.scenario}: interactions of two flags, {LABELS[_METRIC]}",
            columns=("flag", "and flag", "value", "95 % limits over the trials", "p (Holm)"),
            rows=[
                (
                    *pair,
                    change(_METRIC, effect.value),
                    limits(_METRIC, effect),
                    "n/a" if effect.p_holm is None else f"{effect.p_holm:.3f}",
                )
                for pair in combinations(attribution.flags, 2)
                if (effect := effects.get(pair))
            ],
        ),
    )


def _describe(effects: Mapping[tuple[str, ...], Effect]) -> str:
    largest = sorted(effects.values(), key=lambda effect: -abs(effect.value))[:3]
    shown = [effect for effect in largest if round(effect.value)]
    if not shown:
        return "No two flags interact."
    return "The largest: " + "; ".join(
        f"{' and '.join(effect.flags)} {change(_METRIC, effect.value)}" for effect in shown
    )


@dataclass
class _Drawing:
    """A triangle of squares, with a flag's name left of its row and on top of its column."""

    flags: Sequence[str]
    effects: Mapping[tuple[str, ...], Effect]

    def __post_init__(self) -> None:
        self._square_px = min(_MAX_SQUARE_PX, (_RIGHT_PX - _LEFT_PX) / max(1, len(self.flags) - 1))
        self._strongest = max(abs(effect.value) for effect in self.effects.values()) or 1.0

    def __call__(self, axes: "Axes") -> Mapping[str, str]:
        texts = {}
        for row, flag in enumerate(self.flags):
            y = 2 + row * _ROW_PX
            if row:
                axes.text(_LEFT_PX - 8, y + _ROW_PX / 2, flag, ha="right", va="center")
            for column, other in enumerate(self.flags[:row]):
                effect = self.effects.get((other, flag))
                if effect:
                    gid = f"square-{row}-{column}"
                    self._square(axes, gid, self._x(column), y, effect)
                    texts[gid] = f"{other} and {flag}: {change(_METRIC, effect.value)} tokens"
            if row + 1 < len(self.flags):
                axes.text(self._x(row) + 4, y + _ROW_PX / 2, flag, va="center", color=QUIET)
        return texts

    def _x(self, column: int) -> float:
        return _LEFT_PX + column * self._square_px

    def _square(self, axes: "Axes", gid: str, x: float, y: float, effect: Effect) -> None:
        strength = abs(effect.value) / self._strongest
        axes.barh(
            y + _ROW_PX / 2, self._square_px - 2, left=x, height=_ROW_PX - 2, linewidth=0,
            color=(_MORE if effect.value > 0 else _LESS) if round(effect.value) else LINE,
            alpha=_STRONGEST * strength if round(effect.value) else 0.5,
        )[0].set_gid(gid)  # fmt: skip
        differs = effect.p_holm is not None and effect.p_holm < _SIGNIFICANT
        axes.text(
            x + self._square_px / 2 - 1, y + _ROW_PX / 2, self._number(effect.value),
            ha="center", va="center", fontsize=10.5, color=INK if round(effect.value) else QUIET,
            weight="bold" if differs else "normal",
        )  # fmt: skip

    def _number(self, value: float) -> str:
        if self._square_px < _MIN_FULL_PX and abs(value) >= 1_000:
            return f"{value / 1_000:+.0f}k"
        return change(_METRIC, value) if round(value) else "0"
