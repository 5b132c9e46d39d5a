"""Traces that were accepted with a baseline: `baselines/<scenario>.steps.json`.

A baseline has the measured values, this file the calls and decisions behind them, so that a change
can be explained.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from flagbench import strict_json
from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem
from flagbench.measurement.trace import TraceStep

Traces = Mapping[str, Sequence[TraceStep]]
"""Combination id -> the sorted trace of all its trials."""


class _File(BaseModel):
    """Distinct steps; `series` maps a combination id to the places of its steps as ranges."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1]
    steps: list[TraceStep]
    series: dict[str, str]


def path_of(folder: Path, scenario: str) -> Path:
    """The path of the accepted traces of a scenario."""
    return folder / f"{scenario}.steps.json"


def load(path: Path) -> Traces:
    """Read the accepted traces, empty without a file. Raises `InputError` for an invalid one."""
    try:
        file = _File.model_validate(strict_json.parse(path.read_text(encoding="utf-8")))
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


def merge(old: Traces, new: Traces, declared: Sequence[str]) -> Traces:
    """Add to the new traces the old ones of declared series that were not run."""
    retained = {name: trace for name, trace in old.items() if name in declared}
    return dict(sorted({**retained, **new}.items()))


def save(path: Path, traces: Traces) -> None:
    """Write the file atomically: the distinct steps, and for each series the places of its own."""
    steps = sorted({step for trace in traces.values() for step in trace})
    place = {step: number for number, step in enumerate(steps)}
    rows = ",\n".join(json.dumps(step, ensure_ascii=False, separators=(",", ":")) for step in steps)
    series = {name: _ranges([place[step] for step in trace]) for name, trace in traces.items()}
    ranges = json.dumps(series, indent=1, ensure_ascii=False)
    write_whole(path, f'{{"schema_version":1,"steps":[\n{rows}\n],\n"series":{ranges}}}\n')


def _ranges(places: Sequence[int]) -> str:
    """Format places as ranges: 0, 1, 2, 3, 4, 4, 9 is `0-4 4 9`."""
    starts = [0, *(n for n, (a, b) in enumerate(pairwise(places), 1) if b != a + 1)]
    runs = [places[a:b] for a, b in pairwise([*starts, len(places)])]
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs if run)


def _places(text: str) -> list[int]:
    places: list[int] = []
    for run in text.split():
        first, _, last = run.partition("-")
        places += range(int(first), int(last or first) + 1)
    return places
