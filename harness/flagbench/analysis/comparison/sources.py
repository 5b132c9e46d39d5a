"""The sides of a comparison: combinations of the latest run, stored results, or a commit's."""

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
    """One side of a comparison: its display name, and its cells, all of one combination."""

    name: str
    cells: tuple[CellResult, ...]


def find(
    text: str, *, results: Path, combination: str | None = None, scenarios: Sequence[str] = ()
) -> Side:
    """Find the side named by `COMBINATION`, `RESULTS` or `RESULTS::COMBINATION`.

    RESULTS is a file, a folder, a commit or COMMIT:PATH; a combination alone is looked up in
    `results`. `combination` is the default for RESULTS without one. A non-empty `scenarios` limits
    the cells. Raises `InputError` if nothing is found.
    """
    source, given, chosen = text.rpartition(SEPARATOR)
    if given:
        return _side(_load(source), source, chosen, scenarios)
    if Path(text).exists():
        return _side(_load(text), text, combination or DEFAULT_COMBINATION, scenarios)
    latest = cells.load(results) if cells.exists(results) else ()
    known = {cell.combination for cell in latest}
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


def _side(loaded: Sequence[CellResult], source: str, text: str, scenarios: Sequence[str]) -> Side:
    known = {cell.scenario for cell in loaded}
    missing = [scenario for scenario in scenarios if scenario not in known]
    if missing:
        expected = ", ".join(sorted(known))
        raise InputError(
            Problem(f"unknown scenario {scenario!r}", where=source, expected=expected)
            for scenario in missing
        )
    within = [cell for cell in loaded if not scenarios or cell.scenario in scenarios]
    combination = cells.find_combination(text, {cell.combination for cell in within})
    if combination is None:
        known_combinations = ", ".join(sorted({cell.combination for cell in within}))
        what = f"unknown combination {text!r}"
        raise InputError(Problem(what, where=source, expected=f"one of {known_combinations}"))
    name = f"{source}{SEPARATOR}{combination}" if source else combination
    return Side(name, tuple(cell for cell in within if cell.combination == combination))


def _unknown(text: str, known: Iterable[str], results: Path) -> Problem:
    if not known:
        what = f"{text!r} is not a file, a folder or a commit with results, and {results} has none"
        expected = f"{results} with a {cells.CELLS_FILE}, which has combinations by name"
        return Problem(what, expected=expected, fix=cells.FIX_LATEST)
    close = get_close_matches(text, sorted(known), n=3)
    choices = f"of {results}: {', '.join(close)}" if close else f"in {results}"
    return Problem(
        f"{text!r} is not a combination in the results, a file, a folder or a commit with results",
        expected=f"a combination {choices}",
    )
