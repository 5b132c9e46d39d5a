"""Drawing of a timeline: a panel per series, a row per agent, lanes for parallel calls."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from flagbench.measurement.trace import Span
from flagbench.report.svg import BAD, INK, KINDS, LINE, PAPER, QUIET, WIDE_PX

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEFT_PX, _RIGHT_PX = 84, WIDE_PX - 12
_LEGEND_PX, _HEAD_PX, _STRIP_PX, _PANEL_GAP_PX, _AXIS_PX = 24, 20, 13, 10, 34
# Height of a row with one lane; more lanes share a limited height, each with a minimum.
_LANE_PX, _ROW_MAX_PX, _LANE_MIN_PX, _ROW_GAP_PX = 14, 30, 4, 4
# Minimum widths: a refusal takes no time, but must be visible.
_LEAST_PX = {"answered": 1.5, "wait": 1.5, "cancelled": 1.5, "failed": 3.0}
_NUMBER_PX = 12
_LETTER_PX = 6.4
_TICKS = 8
_SMALL = 10


@dataclass(frozen=True, slots=True)
class Panel:
    """A series: its name and its spans from `SeriesReport.timeline`, ordered by their start."""

    name: str
    spans: tuple[Span, ...]

    @property
    def seconds(self) -> float:
        """The end of the last span."""
        return float(max(span.ended_seconds for span in self.spans))

    def rows(self) -> dict[str, list[tuple[int, Span]]]:
        """Agent -> its spans, each with its lane; spans in a lane never overlap."""
        ends: dict[str, list[float]] = {}
        rows: dict[str, list[tuple[int, Span]]] = {}
        for span in self.spans:
            busy = ends.setdefault(span.agent, [])
            start, end = span.started_seconds, span.ended_seconds
            lane = next((at for at, until in enumerate(busy) if until <= start), len(busy))
            busy[lane : lane + 1] = [end]
            rows.setdefault(span.agent, []).append((lane, span))
        return rows

    def requests(self) -> list[tuple[int, float, float]]:
        """Number, start and end of every request; empty if requests overlap."""
        spans: dict[int, tuple[float, float]] = {}
        for span in self.spans:
            start, end = spans.get(span.request, (math.inf, 0.0))
            spans[span.request] = (
                min(start, span.started_seconds),
                max(end, span.ended_seconds),
            )
        requests = sorted((number, *span) for number, span in spans.items())
        are_disjoint = all(request[2] <= after[1] for request, after in pairwise(requests))
        return requests if are_disjoint else []


@dataclass
class Drawing:
    """Draws panels below each other on a shared axis of seconds."""

    panels: Sequence[Panel]

    def __post_init__(self) -> None:
        self._rows = [panel.rows() for panel in self.panels]
        phases = dict.fromkeys(
            span.phase for panel in self.panels for span in panel.spans if span.what == "call"
        )
        # Further phases share the neutral colour.
        self._colours = dict(zip(phases, (*KINDS, *[QUIET] * len(phases)), strict=False))
        self._seconds = max((panel.seconds for panel in self.panels), default=0.0) or 1.0
        self.height_px = (
            _LEGEND_PX
            + _AXIS_PX
            + sum(
                _HEAD_PX + _STRIP_PX + sum(map(_height, rows.values())) + _PANEL_GAP_PX
                for rows in self._rows
            )
        )

    def __call__(self, axes: "Axes") -> Mapping[str, str]:
        """Draw; returns the tooltip of every bar."""
        texts: dict[str, str] = {}
        self._legend(axes)
        self._axis(axes)
        top = float(_LEGEND_PX)
        for number, (panel, rows) in enumerate(zip(self.panels, self._rows, strict=True)):
            top = self._panel(axes, panel, rows, top, f"bar-{number}", texts)
        return texts

    def _x(self, seconds: float) -> float:
        return _LEFT_PX + seconds / self._seconds * (_RIGHT_PX - _LEFT_PX)

    def _legend(self, axes: "Axes") -> None:
        spans = [span for panel in self.panels for span in panel.spans]
        entries: list[tuple[str, dict[str, Any]]] = [
            (phase or "call", {"color": colour}) for phase, colour in self._colours.items()
        ]
        examples = {_kind(span): span for span in spans}
        for kind, label in (("wait", "wait"), ("failed", "failed"), ("cancelled", "cancelled")):
            if kind in examples:
                entries.append((label, self._style(examples[kind])))
        x = float(_LEFT_PX)
        for label, style in entries:
            axes.barh(9, 14, left=x, height=10, **style)
            axes.text(x + 19, 9, label, va="center", fontsize=_SMALL, color=QUIET)
            x += 19 + len(label) * _LETTER_PX + 18

    def _axis(self, axes: "Axes") -> None:
        bottom = self.height_px - _AXIS_PX
        for tick in ticks(self._seconds):
            x = self._x(tick)
            axes.plot([x, x], [_LEGEND_PX, bottom], color=LINE, linewidth=0.7, zorder=0)
            axes.text(
                x, bottom + 9, f"{tick:g}", ha="center", va="center", fontsize=_SMALL, color=QUIET
            )
        axes.text(
            _RIGHT_PX, bottom + 24, "seconds on the virtual clock", ha="right", va="center",
            fontsize=_SMALL, color=QUIET,
        )  # fmt: skip

    def _panel(
        self,
        axes: "Axes",
        panel: Panel,
        rows: Mapping[str, Sequence[tuple[int, Span]]],
        top: float,
        gid: str,
        texts: dict[str, str],
    ) -> float:
        axes.text(
            0, top + _HEAD_PX / 2, f"{panel.name}: {panel.seconds:,.1f} s", va="center",
            weight="bold",
        )  # fmt: skip
        y = top + _HEAD_PX + _STRIP_PX
        bottom = y + sum(map(_height, rows.values()))
        self._requests(axes, panel, y, bottom)
        count = 0
        for agent, spans in rows.items():
            height = _height(spans)
            axes.text(
                _LEFT_PX - 7, y + height / 2, agent or "subject", ha="right", va="center",
                fontsize=_SMALL, color=INK,
            )  # fmt: skip
            lane_px = (height - _ROW_GAP_PX) / _lanes(spans)
            for lane, span in spans:
                count += 1
                self._bar(
                    axes, span, y + _ROW_GAP_PX / 2 + lane * lane_px, lane_px, f"{gid}-{count}"
                )
                texts[f"{gid}-{count}"] = _span_text(span)
            y += height
        end = self._x(panel.seconds)
        axes.plot([end, end], [top + _HEAD_PX, bottom], color=INK, linewidth=1)
        return bottom + _PANEL_GAP_PX

    def _requests(self, axes: "Axes", panel: Panel, top: float, bottom: float) -> None:
        for number, start, end in panel.requests():
            left, right = self._x(start), self._x(end)
            axes.plot([left, left], [top - _STRIP_PX + 2, bottom], color=QUIET, linewidth=0.6)
            if right - left > _NUMBER_PX:
                axes.text(
                    (left + right) / 2, top - _STRIP_PX / 2, str(number), ha="center", va="center",
                    fontsize=_SMALL, color=QUIET,
                )  # fmt: skip

    def _bar(self, axes: "Axes", span: Span, top: float, height: float, gid: str) -> None:
        left, right = self._x(span.started_seconds), self._x(span.ended_seconds)
        bars = axes.barh(
            top + height / 2, max(right - left, _LEAST_PX[_kind(span)]), left=left,
            height=height * 0.88, **self._style(span),
        )  # fmt: skip
        bars[0].set_gid(gid)

    def _style(self, span: Span) -> dict[str, Any]:
        colour = self._colours.get(span.phase, QUIET)
        return {
            "answered": {"color": colour, "linewidth": 0},
            "wait": {"facecolor": PAPER, "edgecolor": QUIET, "hatch": "////", "linewidth": 0.5},
            "failed": {"color": BAD, "linewidth": 0, "zorder": 3},
            "cancelled": {"facecolor": PAPER, "edgecolor": colour, "linewidth": 1},
        }[_kind(span)]


def ticks(seconds: float) -> Iterator[float]:
    """Round numbers from 0 to `seconds`, at most `_TICKS` intervals."""
    rough = seconds / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return (round(step * place, 9) for place in range(int(seconds / step) + 1))


def _kind(span: Span) -> str:
    if span.what == "wait":
        return "wait"
    if span.outcome in ("answered", "cancelled"):
        return str(span.outcome)
    return "failed"


def _lanes(spans: Sequence[tuple[int, Span]]) -> int:
    return max(lane for lane, _ in spans) + 1


def _height(spans: Sequence[tuple[int, Span]]) -> float:
    lanes = _lanes(spans)
    return _ROW_GAP_PX + (
        _LANE_PX if lanes == 1 else max(_LANE_MIN_PX * lanes, min(_ROW_MAX_PX, _LANE_PX * lanes))
    )


def _span_text(span: Span) -> str:
    label = "wait" if span.what == "wait" else span.phase or "call"
    seconds = f"{span.started_seconds:,.1f} to {span.ended_seconds:,.1f} s"
    tokens = f", {span.tokens:,} tokens" if span.tokens else ""
    first = span.first_token_seconds
    streamed = "" if first is None else f", first token at {first:,.1f} s"
    subject = f"request {span.request}, {span.agent or 'subject'}"
    return f"{subject}: {label}, {seconds}, {span.outcome}{tokens}{streamed}"
