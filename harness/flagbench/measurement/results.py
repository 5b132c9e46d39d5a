"""Stored cells: lines of a `cells.jsonl`, read from a file, a results folder or a commit.

Each line has a checksum over its row, its number and the number of lines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flagbench import git, strict_json, text_file
from flagbench.cassette.cassette import canonical, sha256
from flagbench.errors import InputError, Problem, problems_of
from flagbench.measurement import unfinished_run
from flagbench.measurement.cell_result import CellResult, from_row

CELLS_FILE = "cells.jsonl"
LATEST = Path("reports/latest")
FIX_LATEST = "pytest scenarios/"
CHECKSUM = "checksum"
_EXPECTED_PLACE = f"a {CELLS_FILE}, or the folder in which a run wrote one"
_SHOWN = 3
_EXPECTED = "a row written by this version; results of other versions must be measured again"


def lines_of(rows: Iterable[Mapping[str, Any]], total: int) -> Iterator[str]:
    """The lines of a `cells.jsonl` with so many rows, each with its end."""
    for number, row in enumerate(rows, start=1):
        yield canonical({**row, CHECKSUM: _checksum(row, number, total)}) + "\n"


def _checksum(row: Mapping[str, Any], number: int, total: int) -> str:
    return sha256(f"{number} of {total} {canonical(row)}")[:16]


def parse(text: str, where: str) -> tuple[CellResult, ...]:
    """Parse the cells of a `cells.jsonl`.

    Raises `InputError` with every invalid line, and for a file that is not as it was written.
    """
    lines = _lines(text)
    return _checked(enumerate(lines, start=1), len(lines), where)


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _checked(lines: Iterable[tuple[int, str]], total: int, where: str) -> tuple[CellResult, ...]:
    """The cells of some of the `total` numbered lines of a file."""
    rows, cells, problems = list[tuple[int, Any, Mapping[str, Any]]](), [], []
    for number, line in lines:
        try:
            row = strict_json.parse(line)
            if not isinstance(row, dict):
                what = f"not a row: {line[:40]}"
                problems.append(Problem(what, where=f"{where}:{number}", expected=_EXPECTED))
                continue
            rows.append((number, row.pop(CHECKSUM, None), row))
            cells.append(from_row(row))
        except ValidationError as error:
            problems += problems_of(error, f"{where}:{number}")[:1]
        except ValueError as error:
            what = f"not JSON: {error}"
            problems.append(Problem(what, where=f"{where}:{number}", expected=_EXPECTED))
    if len(problems) > 1 and not rows:  # another kind of file
        what = f"none of its {len(problems):,} lines is a row of results"
        raise InputError(Problem(what, where, _EXPECTED_PLACE, FIX_LATEST))
    problems = problems or _damage(rows, total, where)
    if problems:
        raise InputError(problems)
    if not cells:
        raise InputError(Problem("no cells", where, "a row for each cell of a run", FIX_LATEST))
    return tuple(cells)


def _damage(
    rows: Sequence[tuple[int, Any, Mapping[str, Any]]], total: int, where: str
) -> list[Problem]:
    """The differences from the checksums: of the whole file, or of some of its lines."""
    damaged = [
        number for number, checksum, row in rows if checksum != _checksum(row, number, total)
    ]
    expected, fix = "rows as they were written", f"restore the file, or measure again: {FIX_LATEST}"
    if damaged and all(checksum is None for _, checksum, _ in rows):
        what = "the rows have no checksum, so nothing says that they are whole"
        return [Problem(what, where, _EXPECTED, fix)]
    if len(damaged) == len(rows) > 1:
        what = "rows are missing, or were added or put into another order"
        return [Problem(what, where, expected, fix)]
    return [
        Problem("the row differs from its checksum", f"{where}:{number}", expected, fix)
        for number in damaged
    ]


def exists(source: Path) -> bool:
    """True for an existing file, or a folder with results."""
    return (source / CELLS_FILE if source.is_dir() else source).is_file()


def load(source: Path) -> tuple[CellResult, ...]:
    """Read the cells of a file or of a results folder.

    Raises `InputError`, also for results of a run before one that has not ended.
    """
    path = source / CELLS_FILE if source.is_dir() else source
    return parse(_text(path), str(path))


class StoredCells:
    """The cells of a results folder, of which only those are parsed and checked that are asked for.

    Methods raise `InputError` as `load` does.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / CELLS_FILE

    @cached_property
    def _all(self) -> Sequence[str]:
        return _lines(_text(self._path))

    @cached_property
    def _places(self) -> Mapping[str, Mapping[tuple[str, int], int]]:
        places: dict[str, dict[tuple[str, int], int]] = {}
        for place, line in enumerate(self._all):
            try:
                row = json.loads(line)
                key = row["combination"], row["trial"]
                places.setdefault(row["scenario"], {})[key] = place
            except (ValueError, LookupError, TypeError):
                _checked([(place + 1, line)], len(self._all), str(self._path))
        return places

    def keys(self, scenario: str) -> Sequence[tuple[str, int]]:
        """Combination and trial of each cell of a scenario; none for one that has none."""
        return list(self._places.get(scenario, {}))

    def load(
        self, scenario: str, wanted: Iterable[tuple[str, int]]
    ) -> Mapping[tuple[str, int], CellResult]:
        """Those of the wanted cells that there are, by combination and trial."""
        known, keys = self._places.get(scenario, {}), list(wanted)
        places = {key: known[key] for key in keys if key in known}
        if not places:
            return {}
        numbered = [(place + 1, self._all[place]) for place in places.values()]
        cells = _checked(numbered, len(self._all), str(self._path))
        return dict(zip(places, cells, strict=True))


def _text(path: Path) -> str:
    if unfinished := unfinished_run.problem(path.parent):
        raise InputError(unfinished)
    try:
        return text_file.read_bytes(path).decode("utf-8")
    except FileNotFoundError as error:
        what = f"no results: {_there(path)}"
        raise InputError(Problem(what, str(path), _EXPECTED_PLACE, FIX_LATEST)) from error
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {error}"
        raise InputError(Problem(what, str(path), _EXPECTED_PLACE, FIX_LATEST)) from error


def _there(path: Path) -> str:
    """The content of a folder without results, in words."""
    if path.name != CELLS_FILE or not path.parent.is_dir():
        return "there is no such file or folder"
    names = sorted(other.name for other in path.parent.iterdir())
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"the folder has {', '.join(names[:_SHOWN])}{more}" if names else "the folder is empty"


def load_commit(text: str) -> tuple[CellResult, ...]:
    """Read the cells of a commit: `COMMIT:PATH`, or `COMMIT` for those of the latest run.

    Raises `InputError` for an unknown commit and for one without results.
    """
    commit, separator, path = text.partition(":")
    revision_path = f"{commit}:{path if separator else (LATEST / CELLS_FILE).as_posix()}"
    if commit.startswith("-"):
        raise InputError(Problem(f"{commit!r} is not a commit"))
    try:
        content = git.show(revision_path)
    except LookupError as error:
        expected = (
            "a combination, a file or folder of results, or COMMIT:PATH of a stored cells.jsonl"
        )
        what = f"git finds no results: {error}"
        raise InputError(Problem(what, where=text, expected=expected)) from error
    return parse(content.decode("utf-8", "replace"), revision_path)


def find_combination(text: str, known: Iterable[str]) -> str | None:
    """Find the known combination that a text names with its flags in any order."""
    flags = sorted(text.split("+"))
    return next((name for name in sorted(known) if sorted(name.split("+")) == flags), None)
