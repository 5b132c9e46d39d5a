"""Two series of cells, paired by scenario, trial and request; what cannot be paired is refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flagbench.analysis.statistics.intervals import Values
from flagbench.analysis.statistics.proportions import Pairs
from flagbench.errors import InputError, Problem
from flagbench.measurement.cell_result import CellResult

_SHOWN = 12  # characters of a digest that tell two apart


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cells of the same scenario and trial."""

    a: CellResult
    b: CellResult

    @property
    def scenario(self) -> str:
        """The scenario of both."""
        return self.a.scenario

    @property
    def trial(self) -> int:
        """The trial of both."""
        return self.a.trial

    def requests(self) -> list[str]:
        """The request ids of both, in order."""
        return sorted(self.a.request_ids | self.b.request_ids)


@dataclass(frozen=True, slots=True)
class Paired:
    """All pairs, by scenario and trial; `left_out` are scenarios that one side lacks."""

    pairs: tuple[Pair, ...]
    left_out: tuple[str, ...]
    declared: tuple[str, ...]

    def by_scenario(self) -> dict[str, list[Pair]]:
        """Scenario -> its pairs in the order of the trials."""
        groups: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            groups.setdefault(pair.scenario, []).append(pair)
        return groups


# What must not differ within a pair, unless it is declared: name -> (words, how a cell tells it).
MUST_AGREE: Mapping[str, tuple[str, Callable[[CellResult], Any]]] = {
    "requests": ("the scenario's requests", lambda cell: sorted(cell.request_ids)),
    "flags": ("the flags there are", lambda cell: sorted(cell.flags)),
    "provider": ("the provider", lambda cell: cell.provider),
    "model": ("the model", lambda cell: cell.model),
    "cassette": ("the cassette", lambda cell: cell.cassette[:_SHOWN]),
    "tokenizer": ("the tokenizer", lambda cell: cell.tokenizer),
    "prices": ("the price table", lambda cell: cell.price_since),
}


def pair(a: Sequence[CellResult], b: Sequence[CellResult], declared: Iterable[str] = ()) -> Paired:
    """Pair the cells of two series.

    Scenarios that only one side has are left out and named. Raises `InputError` that lists every
    undeclared difference: trials that one side lacks, and what `MUST_AGREE` names.
    """
    allowed = tuple(sorted(set(declared)))
    left, right = _by_place(a, "A"), _by_place(b, "B")
    shared = {scenario for scenario, _ in left} & {scenario for scenario, _ in right}
    if not shared:
        names = [", ".join(sorted({cell.scenario for cell in side})) for side in (a, b)]
        raise InputError(Problem(f"no scenario in common: A has {names[0]}; B has {names[1]}"))
    wrong = _lonely_trials(left, right, shared)
    pairs = tuple(
        Pair(left[place], right[place])
        for place in sorted(left.keys() & right.keys())
        if place[0] in shared
    )
    for name, (words, told) in MUST_AGREE.items():
        if name not in allowed:
            wrong.extend(_differing(pairs, name, words, told))
    if wrong:
        raise InputError(wrong)
    every = {scenario for scenario, _ in left} | {scenario for scenario, _ in right}
    return Paired(pairs, tuple(sorted(every - shared)), allowed)


def values(group: Sequence[Pair], metric: str) -> Values:
    """A scenario's paired amounts per request: shape (trials, 2)."""
    return np.array(
        [
            [getattr(cell, metric) / max(1, cell.requests) for cell in (pair.a, pair.b)]
            for pair in group
        ],
        dtype=np.float64,
    )


def files(pair: Pair, metric: str) -> Pairs:
    """The files of a pair of cells, counted by what became of each on both sides.

    `approval` counts the artifacts of either side, where one that was not made is not approved;
    `acceptance` the files that were asked for. Raises `ValueError` for cells that were not proven
    or that were asked for different numbers of files.
    """
    if metric == "approval":
        a, b = ({(x.request_id, x.path): x.approved for x in cell.artifacts}
                for cell in (pair.a, pair.b))  # fmt: skip
        outcomes = [(a.get(key, False), b.get(key, False)) for key in a.keys() | b.keys()]
        return Pairs(
            both=outcomes.count((True, True)),
            only_a=outcomes.count((True, False)),
            only_b=outcomes.count((False, True)),
            neither=outcomes.count((False, False)),
        )
    wholes = {cell.rates.get("acceptance_rate", (0, 0))[1] for cell in (pair.a, pair.b)}
    if wholes == {0} or len(wholes) > 1:
        raise ValueError(f"{pair.scenario}, trial {pair.trial}: not the same files were proven")
    refuted_a, refuted_b = (
        {(x.request, x.path) for x in cell.refuted} for cell in (pair.a, pair.b)
    )
    return Pairs(
        both=wholes.pop() - len(refuted_a | refuted_b),
        only_a=len(refuted_b - refuted_a),
        only_b=len(refuted_a - refuted_b),
        neither=len(refuted_a & refuted_b),
    )


def spent(cell: CellResult, request: str, metric: str) -> int:
    """The `tokens` or `calls` of one request; one that needed no call used nothing."""
    used = cell.by_request.get(request)
    if used is None:
        return 0
    return used.calls if metric == "calls" else used.prompt_tokens + used.completion_tokens


def _by_place(cells: Sequence[CellResult], side: str) -> dict[tuple[str, int], CellResult]:
    found: dict[tuple[str, int], CellResult] = {}
    for cell in cells:
        place = (cell.scenario, cell.trial)
        if place in found:
            what = f"{side} has {cell.scenario}, trial {cell.trial} twice"
            raise InputError(Problem(what, expected="one combination of one run on each side"))
        found[place] = cell
    return found


def _lonely_trials(
    left: Mapping[tuple[str, int], CellResult],
    right: Mapping[tuple[str, int], CellResult],
    shared: Iterable[str],
) -> list[Problem]:
    problems = []
    for scenario in sorted(shared):
        trials = [{trial for name, trial in side if name == scenario} for side in (left, right)]
        if trials[0] != trials[1]:
            told = [", ".join(map(str, sorted(side))) for side in trials]
            what = f"A has the trials {told[0]}; B has {told[1]}"
            problems.append(Problem(what, where=scenario, expected="the same trials on both sides"))
    return problems


def _differing(
    pairs: Sequence[Pair], name: str, words: str, told: Callable[[CellResult], Any]
) -> list[Problem]:
    """One problem a scenario, with the first values that differ."""
    problems = []
    seen: dict[str, list[Pair]] = {}
    for pair in pairs:
        if told(pair.a) != told(pair.b):
            seen.setdefault(pair.scenario, []).append(pair)
    for scenario, differing in seen.items():
        trials = ", ".join(str(pair.trial) for pair in differing)
        first = differing[0]
        problems.append(
            Problem(
                f"{words} differs: A has {_brief(told(first.a))}, B has {_brief(told(first.b))}",
                where=f"{scenario}, trial {trials}",
                expected="results that differ only in what is compared",
                fix=f"--declare {name}, if that difference is meant",
            )
        )
    return problems


def _brief(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
