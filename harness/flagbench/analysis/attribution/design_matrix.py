"""The design matrix of a scenario: the flags that were on in each run, and its outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flagbench.errors import InputError, Problem
from flagbench.measurement.cell_result import CellResult

Values = npt.NDArray[np.float64]
Switches = npt.NDArray[np.bool_]

METRICS = ("tokens", "seconds", "usd", "acceptance")


@dataclass(frozen=True, slots=True)
class Design:
    """The runs of a scenario.

    `on` has the shape (runs, flags), every value of `outcomes` the shape (runs, trials): amounts
    per request, numbers of the subject's own per session, acceptance as a fraction of the files.
    `left_out` are combinations that have a level of a flag other than its off and its on level.
    `trials_left_out` has each trial that is not used, with the combinations that lack it.
    """

    scenario: str
    provider: str
    flags: tuple[str, ...]
    combinations: tuple[str, ...]
    on: Switches
    trials: tuple[int, ...]
    outcomes: Mapping[str, Values]
    left_out: tuple[str, ...]
    trials_left_out: Mapping[int, tuple[str, ...]]

    @property
    def is_full(self) -> bool:
        """True if all 2^k settings were run."""
        return bool(len(self.on) == 2 ** len(self.flags))

    def run(self, switched_on: frozenset[str]) -> int | None:
        """The row of a setting, or None if it was not run."""
        wanted = np.array([flag in switched_on for flag in self.flags])
        rows = np.flatnonzero((self.on == wanted).all(axis=1))
        return int(rows[0]) if rows.size else None


def arrange(cells: Sequence[CellResult]) -> Design:
    """Arrange the cells of one scenario as a design.

    Off is a flag's level in `none`; on is the other level or, where a flag has several others, its
    level in `all`. Only trials that every run has are used, since only those are paired. Raises
    `InputError` if the control is missing or no flag was varied.
    """
    scenario = cells[0].scenario
    by_combination: dict[str, dict[int, CellResult]] = {}
    for cell in cells:
        by_combination.setdefault(cell.combination, {})[cell.trial] = cell
    control = by_combination.get("none")
    if control is None:
        what, expected = "the results have no control", "a run of the combination none"
        raise InputError(Problem(what, where=scenario, expected=expected))
    off = dict(next(iter(control.values())).flags)
    on = _on_levels(scenario, by_combination, off)
    if not on:
        raise InputError(Problem("no flag was varied", where=scenario))
    flags = tuple(name for name in off if name in on)
    used: list[str] = []
    left_out: list[str] = []
    for name, trials in by_combination.items():
        levels = next(iter(trials.values())).flags
        known = all(level in (off[flag], on.get(flag, off[flag])) for flag, level in levels.items())
        (used if known else left_out).append(name)
    shared = sorted(set.intersection(*(set(by_combination[name]) for name in used)))
    if not shared:
        raise InputError(Problem("no trial was run in every combination", where=scenario))
    every = sorted(set[int]().union(*(by_combination[name] for name in used)))
    rows = [[by_combination[name][trial] for trial in shared] for name in used]
    return Design(
        scenario=scenario,
        provider=cells[0].provider,
        flags=flags,
        combinations=tuple(used),
        on=np.array([[row[0].flags[flag] != off[flag] for flag in flags] for row in rows]),
        trials=tuple(shared),
        outcomes=_outcomes(rows),
        left_out=tuple(left_out),
        trials_left_out={
            trial: tuple(name for name in used if trial not in by_combination[name])
            for trial in every
            if trial not in shared
        },
    )


def _on_levels(
    scenario: str, by_combination: Mapping[str, Mapping[int, CellResult]], off: Mapping[str, str]
) -> dict[str, str]:
    examples = [next(iter(trials.values())) for trials in by_combination.values()]
    everything = by_combination.get("all")
    on = {}
    for flag, level in off.items():
        others = sorted({cell.flags[flag] for cell in examples} - {level})
        if len(others) == 1:
            on[flag] = others[0]
        elif len(others) > 1:
            if everything is None:
                what = f"flag {flag} has the levels {', '.join(others)}, but `all` was not run"
                raise InputError(
                    Problem(what, where=scenario, expected="a run of the combination all")
                )
            on[flag] = next(iter(everything.values())).flags[flag]
    return on


def _outcomes(rows: Sequence[Sequence[CellResult]]) -> dict[str, Values]:
    """The metrics that every cell has; each value has the shape (runs, trials)."""
    outcomes = {}
    own = set[str]().union(*(cell.metrics for row in rows for cell in row))
    for metric in (*METRICS, *sorted(own)):
        values = [[_outcome(cell, metric) for cell in row] for row in rows]
        if all(value is not None for row in values for value in row):
            outcomes[metric] = np.array(values, dtype=np.float64)
    return outcomes


def _outcome(cell: CellResult, metric: str) -> float | None:
    if metric == "acceptance":
        part, whole = cell.rates.get("acceptance_rate", (0, 0))
        return part / whole if whole else None
    return cell.per_request(metric)
