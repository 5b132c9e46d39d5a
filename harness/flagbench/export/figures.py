"""Figures of a run's page as SVG and PDF, in the colours of the page on paper."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from flagbench import extras
from flagbench.errors import InputError, Problem
from flagbench.report.html.elements import elements

FORMATS = ("svg", "pdf")
_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")
_COLOUR = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6})")
_VIEW_BOX = re.compile(r'^<svg\b[^>]*?viewBox="0 0 (\d+) (\d+)"[^>]*>')
_FONT = "DejaVu Sans"


def figures(page: str) -> Iterator[tuple[str, str]]:
    """Id and stand-alone SVG of each figure of a page."""
    colours: dict[str, str] = {}
    for name, colour in _COLOUR.findall(page):
        colours.setdefault(name, colour)  # the first are those of the light page
    for element in elements(page):
        if svg := element.svg:
            yield element.name, _alone(svg, colours)


def _alone(svg: str, colours: dict[str, str]) -> str:
    """An SVG without the page's style sheet."""
    drawn = _VARIABLE.sub(lambda match: colours.get(match[1], "#000000"), svg)
    match = _VIEW_BOX.match(drawn)
    width, height = match.groups() if match else ("360", "250")
    return (
        drawn.replace(
            "<svg",
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'font-family="{_FONT}" style="background: white"',
            1,
        )
        + "\n"
    )


def write(folder: Path, into: Path, formats: Sequence[str]) -> list[Path]:
    """Write the figures of a run's folder in some of `FORMATS`; returns the files.

    Raises `InputError` for a run without a page, `MissingExtra` for a PDF without its library.
    """
    page = folder / "report.html"
    if not page.is_file():
        fix = "pip install 'flagbench[report]', and run again"
        raise InputError(Problem("no report.html, which has the figures", str(folder), "", fix))
    if "pdf" in formats:
        extras.require("export", "a figure as PDF")
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for name, svg in figures(page.read_text(encoding="utf-8")):
        for wanted in formats:
            written.append(into / f"{name}.{wanted}")
            written[-1].write_bytes(svg.encode() if wanted == "svg" else _pdf(svg))
    return written


def _pdf(svg: str) -> bytes:
    """The same bytes for the same figure: without a date, and with the fonts of Matplotlib."""
    import matplotlib as mpl  # noqa: PLC0415  slow, and only for its fonts
    import typst  # noqa: PLC0415  an extra's

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "figure.svg").write_text(svg, encoding="utf-8")
        source = Path(folder) / "page.typ"
        source.write_text(
            "#set document(date: none)\n#set page(width: auto, height: auto, margin: 0pt)\n"
            '#image("figure.svg")\n'
        )
        fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
        made: bytes = typst.compile(
            str(source), font_paths=[str(fonts)], ignore_system_fonts=True, timestamp=0
        )
    return made
