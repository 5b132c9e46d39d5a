"""The content of the page: charts, the tables behind them, and sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flagbench.report.svg import Figure  # of an extra, which draws the pictures


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of plain text. Every row has a text for each column; the first one names the row.

    `marks`, if any, has "good", "bad" or "" (neutral) for each row.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: a figure, a description below it, and a table of all data that it shows.

    A wide one takes the whole width of the page, and scrolls on a narrow screen.
    """

    title: str
    description: str
    figure: Figure
    behind: Grid
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page. `anchor` is its id, unique on the page."""

    anchor: str
    heading: str
    paragraphs: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    grids: Sequence[Grid] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """The outcome of the claims: a line of counts, a short table, and the whole section."""

    counts: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    part: Part | None = None
