"""Stored cells: lines of a `cells.jsonl`, read from a file, a results folder or a commit.

Each line has a checksum over its row, its number and the number of lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    rows, cells, problems = list[tuple[Any, Mapping[str, Any]]](), [], []
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        try:
            row = strict_json.parse(line)
            if not isinstance(row, dict):
                what = f"not a row: {line[:40]}"
                problems.append(Problem(what, where=f"{where}:{number}", expected=_EXPECTED))
                continue
            rows.append((row.pop(CHECKSUM, None), row))
            cells.append(from_row(row))
        except ValidationError as error:
            problems += problems_of(error, f"{where}:{number}")[:1]
        except ValueError as error:
            what = f"not JSON: {error}"
            problems.append(Problem(what, where=f"{where}:{number}", expected=_EXPECTED))
    problems = problems or _damage(rows, where)
    if problems:
        raise InputError(problems)
    if not cells:
        raise InputError(Problem("no cells", where=where, fix=FIX_LATEST))
    return tuple(cells)


def _damage(rows: Sequence[tuple[Any, Mapping[str, Any]]], where: str) -> list[Problem]:
    """The differences from the checksums: of the whole file, or of some of its lines."""
    damaged = [
        number
        for number, (checksum, row) in enumerate(rows, start=1)
        if checksum != _checksum(row, number, len(rows))
    ]
    expected, fix = "rows as they were written", f"restore the file, or measure again: {FIX_LATEST}"
    if damaged and all(checksum is None for checksum, _ in rows):
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
    if unfinished := unfinished_run.problem(path.parent):
        raise InputError(unfinished)
    try:
        return parse(text_file.read_bytes(path).decode("utf-8"), str(path))
    except FileNotFoundError as error:
        what = "no results"
        raise InputError(Problem(what, where=str(path), fix=FIX_LATEST)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path))) from error


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
