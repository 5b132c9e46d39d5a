"""A Matplotlib drawing becomes an inline SVG that follows the colours of the page.

Why Matplotlib: its SVG is a picture without a script. It prints, it is there when scripts are not,
it is about 10 kB where the renderer of Vega-Lite is 0.9 MB and that of Plotly more than 4 MB in
every report; it is released several times a year under a licence like the PSF's; and with a fixed
salt and no date it writes the same bytes for the same data.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree  # only reads what Matplotlib wrote

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A picture is drawn as wide as the narrowest screen shows it, so that its letters are never
# smaller there than they were drawn; on a wide screen it grows. A wide one scrolls where the screen
# is narrow.
WIDTH_PX, HEIGHT_PX, WIDE_PX = 360, 250, 900
# From the left, the bottom, and how wide and high; the same for every chart, so that their axes
# stand beside each other.
_AXES = (0.125, 0.165, 0.85, 0.81)
_POINTS_PER_INCH = 72

# Each ink is a colour that nothing else draws with; the page's style sheet says what it looks like.
INK, QUIET, LINE, ACCENT, PAPER = "#000001", "#000002", "#000003", "#000004", "#000005"
GOOD, BAD = "#000006", "#000007"
# Kinds are told apart by these, in their order.
KINDS = ("#000008", "#000009", "#00000a", "#00000b", "#00000c")
_VARIABLES = {
    INK: "ink", QUIET: "quiet", LINE: "line", ACCENT: "accent", PAPER: "paper", GOOD: "good",
    BAD: "bad", **{ink: f"kind-{place}" for place, ink in enumerate(KINDS, start=1)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is drawn on. A chart has axes with scales; a sheet is addressed in pixels from the top
    left, and has neither scales nor a grid.
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
    "svg.fonttype": "none",  # letters stay letters: they can be searched and read aloud
    "text.color": INK,
    "text.parse_math": False,  # a dollar is a dollar
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "ytick.major.size": 0,
}


def sheet(height_px: float, width_px: int = WIDTH_PX) -> Canvas:
    """A canvas without scales."""
    return Canvas(width_px, round(height_px), is_sheet=True)


def drawn(
    name: str,
    title: str,
    told: str,
    draw: Callable[["Axes"], Mapping[str, str]],
    canvas: Canvas = CHART,
) -> Markup:
    """Let `draw` fill the axes; the result is an `<svg>` with a title and a description.

    `name` becomes a part of every id, so it must be unique on the page. `draw` returns the words
    that pointing at a part shows: the gid that it gave the part -> words.
    """
    # Half a second that a run without anything to draw need not wait for.
    from matplotlib import style  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    written = io.StringIO()
    # What the user set for their own drawings is none of ours.
    with style.context(["default", {**_STYLE, "svg.hashsalt": name}]):
        size = canvas.width_px / _POINTS_PER_INCH, canvas.height_px / _POINTS_PER_INCH
        figure = Figure(figsize=size)
        figure.patch.set_visible(False)
        axes = figure.add_axes((0, 0, 1, 1) if canvas.is_sheet else _AXES)
        axes.patch.set_visible(False)
        if canvas.is_sheet:
            axes.set(xlim=(0, canvas.width_px), ylim=(canvas.height_px, 0))
            axes.set_axis_off()
        else:
            axes.set_axisbelow(True)
        words = draw(axes)
        figure.savefig(written, format="svg", metadata={"Date": None})
    return _inlined(written.getvalue(), name, title, told, words, canvas)


def _inlined(
    written: str, name: str, title: str, told: str, words: Mapping[str, str], canvas: Canvas
) -> Markup:
    root = ElementTree.fromstring(written)  # noqa: S314  written by Matplotlib, a line above
    for element in root.iter():
        element.tag = _without_namespace(element.tag)
        attributes = {_without_namespace(key): value for key, value in element.attrib.items()}
        element.attrib.clear()
        element.attrib.update(attributes)
        said = words.get(element.get("id", ""))
        if said is not None:
            element.insert(0, _element("title", said))
            element.set("class", "point")
        _fit_to_page(element, name)
    for element in root.findall("metadata"):
        root.remove(element)
    for element in root.findall("defs"):
        for sheet in element.findall("style"):  # it would hold for the whole page
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
    root.insert(0, _element("desc", told, id=f"{name}-told"))
    root.insert(0, _element("title", title, id=f"{name}-title"))
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=True))  # noqa: S704  ElementTree escapes


def _fit_to_page(element: ElementTree.Element, name: str) -> None:
    """Ids of this picture alone, the page's colours and letters, no blanks that carry nothing."""
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.attrib['id']}")
    if element.get("href", "").startswith("#"):
        element.set("href", f"#{name}-{element.attrib['href'][1:]}")
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("#", f"#{name}-"))
    if "style" in element.attrib:
        looks = re.sub(r"font-family: [^;]*; ?", "", element.attrib["style"])
        looks = looks.replace("url(#", f"url(#{name}-")
        for colour, variable in _VARIABLES.items():
            looks = looks.replace(colour, f"var(--{variable})")
        element.set("style", looks)
    if element.get("fill", "") in _VARIABLES:  # the ground of a hatching
        element.set("style", f"fill: var(--{_VARIABLES[element.attrib.pop('fill')]})")
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    if "d" in element.attrib:
        element.set("d", " ".join(element.attrib["d"].split()))
    for side in ("text", "tail"):
        if not (getattr(element, side) or "").strip():
            setattr(element, side, None)


def _element(tag: str, text: str, **attributes: str) -> ElementTree.Element:
    made = ElementTree.Element(tag, attributes)
    made.text = text
    return made


def _without_namespace(name: str) -> str:
    return name.rpartition("}")[2]
