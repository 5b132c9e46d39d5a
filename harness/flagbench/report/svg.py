"""Conversion of a Matplotlib drawing to an inline SVG that uses the colours of the page.

Matplotlib was chosen because its SVG needs no script: it prints, it is visible without JavaScript,
and it is about 10 kB, where the renderer of Vega-Lite adds 0.9 MB and that of Plotly more than 4 MB
to every report. With a fixed salt and no date it writes the same bytes for the same data.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from xml.etree import ElementTree  # only reads what Matplotlib wrote

from markupsafe import Markup

from flagbench.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A chart is as wide as the narrowest screen, so that its text is never scaled down; on a wide
# screen it grows. A wide chart scrolls on a narrow screen.
WIDTH_PX, HEIGHT_PX, WIDE_PX = 360, 250, 900
# Left, bottom, width and height; the same for every chart, so that axes are aligned.
_AXES = (0.125, 0.165, 0.85, 0.81)
_POINTS_PER_INCH = 72

# Placeholder colours, replaced by variables of the page's style sheet.
INK, QUIET, LINE, ACCENT, PAPER = "#000001", "#000002", "#000003", "#000004", "#000005"
GOOD, BAD = "#000006", "#000007"
# Colours of categories, in order.
KINDS = ("#000008", "#000009", "#00000a", "#00000b", "#00000c")
_VARIABLES = {
    INK: "ink", QUIET: "quiet", LINE: "line", ACCENT: "accent", PAPER: "paper", GOOD: "good",
    BAD: "bad", **{ink: f"kind-{place}" for place, ink in enumerate(KINDS, start=1)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Canvas:
    """A drawing area.

    A chart has axes with scales and a grid; a sheet has neither, and is addressed in pixels from
    the top left.
    """

    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX
    is_sheet: bool = False


CHART = Canvas()


_STYLE = {
    "axes.edgecolor": QUIET,
    "axes.grid": True,
    "axes.labelcolor": QUIET,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 11,
    "grid.color": LINE,
    "svg.fonttype": "none",  # text stays text: searchable, and readable by screen readers
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is not markup
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "ytick.major.size": 0,
}


def sheet(height_px: float, width_px: int = WIDTH_PX) -> Canvas:
    """A canvas without scales."""
    return Canvas(width_px, round(height_px), is_sheet=True)


@dataclass
class Figure:
    """An `<svg>` with a title and a description, drawn when it is first looked at.

    `name` becomes part of every id, so it must be unique on the page. `draw` fills the axes and
    returns the tooltips: gid of an element -> text.
    """

    name: str
    title: str
    description: str
    draw: Callable[["Axes"], Mapping[str, str]]
    canvas: Canvas = CHART

    @property
    def content(self) -> str | None:
        """All that the picture depends on beside the code; None where `draw` does not say it.

        A dataclass does: it draws what its fields hold.
        """
        return repr(self) if is_dataclass(self.draw) else None

    @cached_property
    def svg(self) -> Markup:
        """The picture."""
        return _drawn(self)


def _drawn(figure: Figure) -> Markup:
    name, canvas = figure.name, figure.canvas
    # Importing takes half a second, which a run without a chart should not pay.
    from matplotlib import style  # noqa: PLC0415
    from matplotlib.figure import Figure as MatplotlibFigure  # noqa: PLC0415

    written = io.StringIO()
    # The user's own Matplotlib settings must not change the report.
    with style.context(["default", {**_STYLE, "svg.hashsalt": name}]):
        size = canvas.width_px / _POINTS_PER_INCH, canvas.height_px / _POINTS_PER_INCH
        drawing = MatplotlibFigure(figsize=size)
        drawing.patch.set_visible(False)
        axes = drawing.add_axes((0, 0, 1, 1) if canvas.is_sheet else _AXES)
        axes.patch.set_visible(False)
        if canvas.is_sheet:
            axes.set(xlim=(0, canvas.width_px), ylim=(canvas.height_px, 0))
            axes.set_axis_off()
        else:
            axes.set_axisbelow(True)
        texts = figure.draw(axes)
        drawing.savefig(written, format="svg", metadata={"Date": None})
    return _inline(written.getvalue(), figure, texts)


def _inline(written: str, figure: Figure, texts: Mapping[str, str]) -> Markup:
    name, canvas = figure.name, figure.canvas
    root = ElementTree.fromstring(printable(written))  # noqa: S314  written by Matplotlib, a line above
    for element in root.iter():
        element.tag = _without_namespace(element.tag)
        attributes = {_without_namespace(key): value for key, value in element.attrib.items()}
        element.attrib.clear()
        element.attrib.update(attributes)
        text = texts.get(element.get("id", ""))
        if text is not None:
            element.insert(0, _element("title", text))
            element.set("class", "point")
        _fit_to_page(element, name)
    for element in root.findall("metadata"):
        root.remove(element)
    for element in root.findall("defs"):
        for sheet in element.findall("style"):  # it would apply to the whole page
            element.remove(sheet)
        if len(element) == 0:
            root.remove(element)
    root.attrib.clear()
    root.attrib.update(
        {
            "class": "plot wide" if canvas.width_px > WIDTH_PX else "plot",
            "viewBox": f"0 0 {canvas.width_px} {canvas.height_px}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-told",
        }
    )
    root.insert(0, _element("desc", figure.description, id=f"{name}-told"))
    root.insert(0, _element("title", figure.title, id=f"{name}-title"))
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=True))  # noqa: S704  ElementTree escapes


def _fit_to_page(element: ElementTree.Element, name: str) -> None:
    """Make ids unique, use the page's colours and font, and drop insignificant whitespace."""
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.attrib['id']}")
    if element.get("href", "").startswith("#"):
        element.set("href", f"#{name}-{element.attrib['href'][1:]}")
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("#", f"#{name}-"))
    if "style" in element.attrib:
        style = re.sub(r"font-family: [^;]*; ?", "", element.attrib["style"])
        style = style.replace("url(#", f"url(#{name}-")
        for colour, variable in _VARIABLES.items():
            style = style.replace(colour, f"var(--{variable})")
        element.set("style", style)
    if element.get("fill", "") in _VARIABLES:  # the background of a hatching
        element.set("style", f"fill: var(--{_VARIABLES[element.attrib.pop('fill')]})")
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))
    for side in ("text", "tail"):
        if not (getattr(element, side) or "").strip():
            setattr(element, side, None)


def _element(tag: str, text: str, **attributes: str) -> ElementTree.Element:
    element = ElementTree.Element(tag, attributes)
    element.text = text
    return element


def _without_namespace(name: str) -> str:
    return name.rpartition("}")[2]
