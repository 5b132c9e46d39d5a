"""Figures of a run's page as SVG and PDF, in the colours of the page on paper."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from flagbench import extras
from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem
from flagbench.report.html.elements import elements
from flagbench.report.html.stand_alone import light_colours, stand_alone
from flagbench.report.rendered import PAGE_FILE

FORMATS = ("svg", "pdf")


def figures(page: str) -> Iterator[tuple[str, str]]:
    """Id and stand-alone SVG of each figure of a page."""
    colours = light_colours(page)
    for element in elements(page):
        if svg := element.svg:
            yield element.name, stand_alone(svg, colours) + "\n"


def write(folder: Path, into: Path, formats: Sequence[str]) -> list[Path]:
    """Write the figures of a run's folder in some of `FORMATS`; returns the files.

    Raises `InputError` for a run without a page, `MissingExtra` for a PDF without its library.
    """
    page = folder / PAGE_FILE
    if not page.is_file():
        fix = "pip install 'flagbench[report]', and run again"
        raise InputError(Problem("no report.html, which has the figures", str(folder), "", fix))
    if "pdf" in formats:
        extras.require("export", "a figure as PDF")
    written = []
    for name, svg in figures(page.read_text(encoding="utf-8")):
        for wanted in formats:
            written.append(into / f"{name}.{wanted}")
            write_whole(written[-1], svg if wanted == "svg" else _pdf(svg))
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
