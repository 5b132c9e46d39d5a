"""An SVG of the page made to stand alone, without the page's style sheet."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")
_COLOUR = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6})")
_VIEW_BOX = re.compile(r'^<svg\b[^>]*?viewBox="0 0 (\d+) (\d+)"[^>]*>')
_FONT = "DejaVu Sans"


def light_colours(style: str) -> Mapping[str, str]:
    """Name -> colour of the light page, from its style sheet or its whole text."""
    colours: dict[str, str] = {}
    for name, colour in _COLOUR.findall(style):
        colours.setdefault(name, colour)  # the first are those of the light page
    return colours


def stand_alone(svg: str, colours: Mapping[str, str]) -> str:
    """The same SVG with colours, font, size and a white ground of its own."""
    drawn = _VARIABLE.sub(lambda match: colours.get(match[1], "#000000"), svg)
    match = _VIEW_BOX.match(drawn)
    width, height = match.groups() if match else ("360", "250")
    return drawn.replace(
        "<svg",
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="{_FONT}" style="background: white"',
        1,
    )
