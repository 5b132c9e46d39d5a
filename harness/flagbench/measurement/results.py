"""Cells of a stored run, read for comparison: from `cells.jsonl`, a results folder or a commit."""

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from flagbench import git
from flagbench.errors import InputError, Problem, problems_of
from flagbench.measurement.cell_result import CellResult, from_row

CELLS_FILE = "cells.jsonl"
LATEST = Path("reports/latest")
FIX_LATEST = "pytest scenarios/"
_EXPECTED = "a row as this version writes it; what another one measured is measured again"


def parse(text: str, where: str) -> tuple[CellResult, ...]:
    """The cells of a `cells.jsonl`. Raises `InputError` with every line that is none."""
    found, wrong = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                what = f"not a row: {line[:40]}"
                wrong.append(Problem(what, where=f"{where}:{number}", expected=_EXPECTED))
                continue
            found.append(from_row(row))
        except ValidationError as error:
            wrong += problems_of(error, f"{where}:{number}")[:1]
        except ValueError as error:
            what = f"not JSON: {error}"
            wrong.append(Problem(what, where=f"{where}:{number}", expected=_EXPECTED))
    if wrong:
        raise InputError(wrong)
    if not found:
        raise InputError(Problem("holds no cells", where=where, fix=FIX_LATEST))
    return tuple(found)


def is_there(source: Path) -> bool:
    """Whether a file, or a folder with results, is there."""
    return (source / CELLS_FILE if source.is_dir() else source).is_file()


def load(source: Path) -> tuple[CellResult, ...]:
    """The cells of a file, or of a results folder. Raises `InputError`."""
    path = source / CELLS_FILE if source.is_dir() else source
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError as error:
        what = "there are no results"
        raise InputError(Problem(what, where=str(path), fix=FIX_LATEST)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path))) from error


def load_commit(text: str) -> tuple[CellResult, ...]:
    """The cells that a commit stores: `COMMIT:PATH`, or `COMMIT` for those of the latest run.

    Raises `InputError` if there is no such commit or it stores no results there.
    """
    commit, given, path = text.partition(":")
    named = f"{commit}:{path if given else (LATEST / CELLS_FILE).as_posix()}"
    if commit.startswith("-"):
        raise InputError(Problem(f"{commit!r} is no commit"))
    try:
        shown = git.show(named)
    except LookupError as error:
        expected = (
            "a combination, a file or folder of results, or COMMIT:PATH of a stored cells.jsonl"
        )
        what = f"git finds no results: {error}"
        raise InputError(Problem(what, where=text, expected=expected)) from error
    return parse(shown.decode("utf-8", "replace"), named)


def named(text: str, known: Iterable[str]) -> str | None:
    """The combination of those known that a text names; the order of its flags does not matter."""
    parts = sorted(text.split("+"))
    return next((one for one in sorted(known) if sorted(one.split("+")) == parts), None)
