"""The steps that were accepted with a baseline: `baselines/<scenario>.steps.json`.

A baseline says what was measured, this file how it came about, so that a change can be explained.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem
from flagbench.measurement.trace import TraceStep

Steps = Mapping[str, Sequence[TraceStep]]
"""Combination -> its steps in all trials, sorted."""


class _File(BaseModel):
    """Each different step once; `series` tells the places of a combination's own as ranges."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    steps: list[TraceStep]
    series: dict[str, str]


def path_of(folder: Path, scenario: str) -> Path:
    """Where the steps of a scenario are."""
    return folder / f"{scenario}.steps.json"


def load(path: Path) -> Steps:
    """The accepted steps, none if there is no file. Raises `InputError` for one that is wrong."""
    try:
        file = _File.model_validate_json(path.read_text(encoding="utf-8"))
        return {
            name: [file.steps[place] for place in _places(text)]
            for name, text in file.series.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError) as error:
        fix = "restore it from version control, or flagbench run --accept-baselines"
        what = f"cannot be read: {error}"
        raise InputError(Problem(what, where=str(path), fix=fix)) from error


def merged(old: Steps, new: Steps, declared: Sequence[str]) -> Steps:
    """The new steps, and the old ones of series that were not run and still are declared."""
    kept = {name: steps for name, steps in old.items() if name in declared}
    return dict(sorted({**kept, **new}.items()))


def save(path: Path, steps: Steps) -> None:
    """Write the file whole: each different step once, and by series the places of its own."""
    every = sorted({one for series in steps.values() for one in series})
    place = {one: number for number, one in enumerate(every)}
    rows = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in every)
    series = {name: _ranges([place[one] for one in found]) for name, found in steps.items()}
    shown = json.dumps(series, indent=1, ensure_ascii=False)
    write_whole(path, f'{{"schema_version":1,"steps":[\n{rows}\n],\n"series":{shown}}}\n')


def _ranges(places: Sequence[int]) -> str:
    """Places as text: `0-4 4 9` is 0, 1, 2, 3, 4, 4, 9."""
    starts = [0, *(n for n, (a, b) in enumerate(pairwise(places), 1) if b != a + 1)]
    runs = [places[a:b] for a, b in pairwise([*starts, len(places)])]
    return " ".join(f"{one[0]}-{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in runs if one)


def _places(text: str) -> list[int]:
    found: list[int] = []
    for run in text.split():
        first, _, last = run.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
