"""Tables of a run as CSV, LaTeX (booktabs) and Parquet."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from numpy import format_float_positional

from flagbench.atomic_file import write_whole
from flagbench.measurement import results
from flagbench.measurement.flat_row import flat_row
from flagbench.report.html.elements import elements
from flagbench.report.rendered import PAGE_FILE

# What stands for a figure that there is not.
_ABSENT = ("", "n/a", "control", "not known")
# More digits than these are a text: Python reads 4,300, a float has 308.
_DIGITS = r"[-+]?(?:\d{1,3}(?:,\d{3}){1,100}|\d{1,300})(?:\.\d+)?"
_NUMBER, _PER_CENT = re.compile(rf"{_DIGITS}\Z"), re.compile(rf"{_DIGITS} ?%\Z")
# Of the integers of Parquet, which have 64 bits.
_LEAST = -(2**63)
# Characters of headers that not every LaTeX font has.
_IN_LATEX = {"Δ": r"$\Delta$", "→": r"$\rightarrow$", "≥": r"$\geq$", "≤": r"$\leq$"}


def tables(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and content of each table: those of the page by their ids, and the cells.

    A column of numbers has numbers, one of per cents has ` (%)` in its name. Raises `InputError`.
    """
    page = folder / PAGE_FILE
    if page.is_file():
        for element in elements(page.read_text(encoding="utf-8")):
            if not element.svg:
                header, *rows = element.rows
                yield element.name, frame(header, rows)
    yield "cells", _plain(pd.DataFrame([flat_row(cell) for cell in results.load(folder)]))


def frame(header: Sequence[str], rows: Sequence[Sequence[str]]) -> pd.DataFrame:
    """A table of texts; see `tables`."""
    columns = dict[str, list[object]]()
    for place, title in enumerate(header):
        texts = [row[place] if place < len(row) else "" for row in rows]
        name, values = _column(title, texts)
        columns[name if name not in columns else f"{name} {place + 1}"] = values
    return pd.DataFrame(columns).convert_dtypes()


def _column(title: str, texts: Sequence[str]) -> tuple[str, list[object]]:
    """The name and the values of a column: numbers, if all that there are can be read as such."""
    present = [text for text in texts if text not in _ABSENT]
    for pattern, name in ((_NUMBER, title), (_PER_CENT, f"{title} (%)")):
        if present and all(pattern.match(text) for text in present):
            return name, [None if text in _ABSENT else _number(text) for text in texts]
    return title, list(texts)


def _number(text: str) -> float:
    plain = text.rstrip(" %").replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose nested values are texts, as every format can have them."""
    nested = [
        name
        for name in frame.columns
        if frame[name].map(lambda value: isinstance(value, list | tuple | dict)).any()
    ]
    return frame.drop(columns=nested)


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _latex(frame: pd.DataFrame) -> str:
    text = frame.to_latex(
        index=False, escape=True, na_rep="", float_format=partial(format_float_positional, trim="-")
    )
    for character, command in _IN_LATEX.items():
        text = text.replace(character, command)
    return text


def _parquet(frame: pd.DataFrame) -> bytes:
    wide = {
        name: frame[name].map(str, na_action="ignore")
        for name in frame.columns
        if frame[name].map(_is_wide).any()
    }
    frame.assign(**wide).to_parquet(content := io.BytesIO(), index=False)
    return content.getvalue()


def _is_wide(value: object) -> bool:
    return isinstance(value, int) and not _LEAST <= value < -_LEAST


FORMATS: Mapping[str, tuple[str, Callable[[pd.DataFrame], str | bytes]]] = {
    "csv": ("csv", _csv),
    "latex": ("tex", _latex),
    "parquet": ("parquet", _parquet),
}


def write(folder: Path, into: Path, formats: Sequence[str]) -> list[Path]:
    """Write the tables of a run's folder in some of `FORMATS`; returns the files."""
    written = []
    for name, frame in tables(folder):
        for wanted in formats:
            suffix, content_of = FORMATS[wanted]
            written.append(into / f"{name}.{suffix}")
            write_whole(written[-1], content_of(frame))
    return written
