"""What A and B name: a combination of the latest run, results in a file or folder, or a commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from flagbench.errors import InputError, Problem
from flagbench.measurement import results as cells
from flagbench.measurement.cell_result import CellResult

# Separates results from a combination of them, as pytest separates a file from an item.
SEPARATOR = "::"
DEFAULT_COMBINATION = "all"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name for people, and its cells, all of one combination."""

    name: str
    cells: tuple[CellResult, ...]


def find(
    text: str, *, results: Path, combination: str | None = None, scenarios: Sequence[str] = ()
) -> Side:
    """What a text names: `COMBINATION`, `RESULTS` or `RESULTS::COMBINATION`.

    RESULTS is a file, a folder, a commit or COMMIT:PATH; a combination alone is one of `results`.
    `combination` is taken of RESULTS that name none. `scenarios` limits the cells to these, if
    there are any. Raises `InputError` for what is not found.
    """
    source, given, chosen = text.rpartition(SEPARATOR)
    if given:
        return _side(_load(source), source, chosen, scenarios)
    if Path(text).exists():
        return _side(_load(text), text, combination or DEFAULT_COMBINATION, scenarios)
    latest = cells.load(results) if cells.exists(results) else ()
    known = {one.combination for one in latest}
    named = cells.find_combination(text, known)
    if named:
        return _side(latest, "", named, scenarios)
    try:
        stored = cells.load_commit(text)
    except InputError as error:
        if ":" in text:
            raise
        raise InputError(_unknown(text, known, results)) from error
    return _side(stored, text, combination or DEFAULT_COMBINATION, scenarios)


def _load(source: str) -> tuple[CellResult, ...]:
    return cells.load(Path(source)) if Path(source).exists() else cells.load_commit(source)


def _side(every: Sequence[CellResult], source: str, text: str, scenarios: Sequence[str]) -> Side:
    known = {one.scenario for one in every}
    missing = [one for one in scenarios if one not in known]
    if missing:
        expected = ", ".join(sorted(known))
        raise InputError(
            Problem(f"there is no scenario {one!r}", where=source, expected=expected)
            for one in missing
        )
    within = [one for one in every if not scenarios or one.scenario in scenarios]
    combination = cells.find_combination(text, {one.combination for one in within})
    if combination is None:
        there = ", ".join(sorted({one.combination for one in within}))
        what = f"there is no combination {text!r}"
        raise InputError(Problem(what, where=source, expected=f"one of {there}"))
    name = f"{source}{SEPARATOR}{combination}" if source else combination
    return Side(name, tuple(one for one in within if one.combination == combination))


def _unknown(text: str, known: Iterable[str], results: Path) -> Problem:
    close = get_close_matches(text, sorted(known), n=3)
    there = f"of {results}: {', '.join(close)}" if close else f"in {results}"
    return Problem(
        f"{text!r} is no combination of the results, no file, no folder and no commit with results",
        expected=f"a combination {there}",
        fix=cells.FIX_LATEST if not known else "",
    )
