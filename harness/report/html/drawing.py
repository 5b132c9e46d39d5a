"""A Matplotlib drawing becomes an inline SVG that follows the colours of the page.

Why Matplotlib: its SVG is a picture without a script. It prints, it is there when scripts are not,
it is about 10 kB where the renderer of Vega-Lite is 0.9 MB and that of Plotly more than 4 MB in
every report; it is released several times a year under a licence like the PSF's; and with a fixed
salt and no date it writes the same bytes for the same data.
"""

import io
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from xml.etree import ElementTree  # only reads what Matplotlib wrote

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A picture is drawn as wide as the narrowest screen shows it, so that its letters are never
# smaller there than they were drawn; on a wide screen it grows.
WIDTH_PX, HEIGHT_PX = 360, 250
# From the left, the bottom, and how wide and high; the same for every picture, so that their axes
# stand beside each other.
_AXES = (0.125, 0.165, 0.85, 0.81)
_POINTS_PER_INCH = 72

# Each ink is a colour that nothing else draws with; the page's style sheet says what it looks like.
INK, QUIET, LINE, ACCENT, PAPER = "#000001", "#000002", "#000003", "#000004", "#000005"
_VARIABLES = {INK: "ink", QUIET: "quiet", LINE: "line", ACCENT: "accent", PAPER: "paper"}

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


def drawn(name: str, title: str, told: str, draw: Callable[["Axes"], Mapping[str, str]]) -> Markup:
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
        figure = Figure(figsize=(WIDTH_PX / _POINTS_PER_INCH, HEIGHT_PX / _POINTS_PER_INCH))
        figure.patch.set_visible(False)
        axes = figure.add_axes(_AXES)
        axes.patch.set_visible(False)
        axes.set_axisbelow(True)
        words = draw(axes)
        figure.savefig(written, format="svg", metadata={"Date": None})
    return _inlined(written.getvalue(), name, title, told, words)


def _inlined(written: str, name: str, title: str, told: str, words: Mapping[str, str]) -> Markup:
    root = ElementTree.fromstring(written)  # noqa: S314  written by Matplotlib, a line above
    for one in root.iter():
        one.tag = _without_namespace(one.tag)
        attributes = {_without_namespace(key): value for key, value in one.attrib.items()}
        one.attrib.clear()
        one.attrib.update(attributes)
        said = words.get(one.get("id", ""))
        if said is not None:
            one.insert(0, _element("title", said))
            one.set("class", "point")
        _fit_to_page(one, name)
    for one in root.findall("metadata"):
        root.remove(one)
    for one in root.findall("defs"):
        for sheet in one.findall("style"):  # it would hold for the whole page
            one.remove(sheet)
        if len(one) == 0:
            root.remove(one)
    root.attrib.clear()
    root.attrib.update(
        {
            "class": "plot",
            "viewBox": f"0 0 {WIDTH_PX} {HEIGHT_PX}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-told",
        }
    )
    root.insert(0, _element("desc", told, id=f"{name}-told"))
    root.insert(0, _element("title", title, id=f"{name}-title"))
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=True))  # noqa: S704  ElementTree escapes


def _fit_to_page(one: ElementTree.Element, name: str) -> None:
    """Ids of this picture alone, the page's colours and letters, no blanks that carry nothing."""
    if "id" in one.attrib:
        one.set("id", f"{name}-{one.attrib['id']}")
    if one.get("href", "").startswith("#"):
        one.set("href", f"#{name}-{one.attrib['href'][1:]}")
    if "clip-path" in one.attrib:
        one.set("clip-path", one.attrib["clip-path"].replace("#", f"#{name}-"))
    if "style" in one.attrib:
        looks = re.sub(r"font-family: [^;]*; ?", "", one.attrib["style"])
        for colour, variable in _VARIABLES.items():
            looks = looks.replace(colour, f"var(--{variable})")
        one.set("style", looks)
    if one.get("transform", "").startswith("rotate(-0 "):
        del one.attrib["transform"]
    if "d" in one.attrib:
        one.set("d", " ".join(one.attrib["d"].split()))
    for side in ("text", "tail"):
        if not (getattr(one, side) or "").strip():
            setattr(one, side, None)


def _element(tag: str, text: str, **attributes: str) -> ElementTree.Element:
    made = ElementTree.Element(tag, attributes)
    made.text = text
    return made


def _without_namespace(name: str) -> str:
    return name.rpartition("}")[2]
