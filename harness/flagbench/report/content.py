"""What the page is made of beside its own words: pictures, the tables behind them, and parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of plain texts. Every row has a text for every column; the first names the row.

    `marks`, if any, has for every row whether it is told as "good", "bad" or "" (neither).
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An inline SVG, a line of words under it, and the table of everything that it draws.

    One that is wide takes the whole width of the page, and scrolls where that is too narrow.
    """

    title: str
    told: str
    svg: Markup
    behind: Grid
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page. `anchor` is its id, unique on the page."""

    anchor: str
    heading: str
    told: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    grids: Sequence[Grid] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """What became of what was claimed: a line of counts, a short table, and the whole section."""

    counts: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    part: Part | None = None
