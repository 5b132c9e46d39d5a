"""Tables and figures of a written page, by their ids."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_BEGIN = re.compile(r'<(table|figure)\b[^>]*\bid="((?:table|figure)-[a-z0-9-]+)"[^>]*>')
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """A table or a figure of a page: its id, and its text in HTML."""

    name: str
    html: str

    @property
    def svg(self) -> str:
        """The picture of a figure, "" for a table."""
        match = _SVG.search(self.html) if self.html.startswith("<figure") else None
        return match[0] if match else ""

    @property
    def rows(self) -> list[list[str]]:
        """The texts of a table, the header first; of a figure, those of the table behind it."""
        reader = _Rows()
        reader.feed(self.html)
        return [[" ".join(cell.split()) for cell in row] for row in reader.rows]


def elements(page: str) -> Iterator[Element]:
    """The tables and figures of a page, in order; those behind a figure are elements, too."""
    for match in _BEGIN.finditer(page):
        end = page.find(f"</{match[1]}>", match.end())
        yield Element(match[2], page[match.start() : end + len(match[1]) + 3])


@dataclass
class _Rows(HTMLParser):
    """Reader of the cells of a table, without the titles that stand below a name."""

    rows: list[list[str]] = field(default_factory=list)
    is_in_cell: bool = False
    is_in_title: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row or a cell."""
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.is_in_cell = True
        elif tag == "span" and ("class", "about") in attrs:
            self.is_in_title = True
        elif tag == "span" and self.is_in_cell and self.rows[-1][-1].strip():
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        """End a cell, or a title in it."""
        if tag in ("td", "th"):
            self.is_in_cell = False
        elif tag == "span":
            self.is_in_title = False

    def handle_data(self, data: str) -> None:
        """Add to a cell."""
        if self.is_in_cell and not self.is_in_title:
            self.rows[-1][-1] += data
