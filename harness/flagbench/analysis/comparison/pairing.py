"""Two series of cells, paired by scenario, trial and request."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flagbench.analysis.statistics.intervals import Values
from flagbench.analysis.statistics.proportions import Pairs
from flagbench.errors import InputError, Problem
from flagbench.measurement.cell_result import CellResult

_WHY_UNKNOWN = {
    "usd": "not every cell has a price",
    "seconds": "not every recording has its latencies",
}
_SHOWN = 12  # characters of a digest that tell two apart


def why_unknown(metric: str) -> str:
    """The reason for which an amount is unknown in a cell."""
    return _WHY_UNKNOWN.get(metric, f"not every cell has {metric}")


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

    @property
    def has_same_calls(self) -> bool:
        """True if both sides provably played the same calls: of the same recording."""
        digests = {self.a.calls_digest, self.b.calls_digest}
        return self.a.cassette == self.b.cassette and len(digests) == 1 and "" not in digests

    def requests(self) -> list[str]:
        """The request ids of either cell, sorted."""
        return sorted(self.a.request_ids | self.b.request_ids)


@dataclass(frozen=True, slots=True)
class Paired:
    """All pairs, by scenario and trial; `left_out` are scenarios that only one side has.

    `declared` names the differences that are intended.
    """

    pairs: tuple[Pair, ...]
    left_out: tuple[str, ...]
    declared: tuple[str, ...]

    def by_scenario(self) -> dict[str, list[Pair]]:
        """Scenario -> its pairs in the order of the trials."""
        groups: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            groups.setdefault(pair.scenario, []).append(pair)
        return groups

    @property
    def own_metrics(self) -> list[str]:
        """The subject's own numbers that any cell has, sorted."""
        cells = [cell for pair in self.pairs for cell in (pair.a, pair.b)]
        return sorted(set[str]().union(*(cell.metrics for cell in cells)))

    def has_all(self, metric: str) -> bool:
        """True if every cell has the amount."""
        cells = (cell for pair in self.pairs for cell in (pair.a, pair.b))
        return all(cell.per_request(metric) is not None for cell in cells)

    @property
    def has_same_calls(self) -> bool:
        """True if every pair made the same calls on both sides."""
        return all(pair.has_same_calls for pair in self.pairs)


# Properties that must be equal within a pair unless declared: name -> (label, getter).
MUST_AGREE: Mapping[str, tuple[str, Callable[[CellResult], Any]]] = {
    "requests": ("the scenario's requests", lambda cell: sorted(cell.request_ids)),
    "flags": ("the set of flags", lambda cell: sorted(cell.flags)),
    "provider": ("the provider", lambda cell: cell.provider),
    "model": ("the model", lambda cell: cell.model),
    "cassette": ("the cassette", lambda cell: cell.cassette[:_SHOWN]),
    "tokenizer": ("the tokenizer", lambda cell: cell.tokenizer),
    "prices": ("the price table", lambda cell: cell.price_since),
}


def pair(a: Sequence[CellResult], b: Sequence[CellResult], declared: Iterable[str] = ()) -> Paired:
    """Pair the cells of two series.

    Scenarios that only one side has are left out and listed. Raises `InputError` that lists every
    undeclared difference: trials that one side lacks, and properties in `MUST_AGREE`.
    """
    allowed = tuple(sorted(set(declared)))
    left, right = _by_place(a, "A"), _by_place(b, "B")
    shared = {scenario for scenario, _ in left} & {scenario for scenario, _ in right}
    if not shared:
        names = [", ".join(sorted({cell.scenario for cell in side})) for side in (a, b)]
        raise InputError(Problem(f"no scenario in common: A has {names[0]}; B has {names[1]}"))
    problems = _unpaired_trials(left, right, shared)
    pairs = tuple(
        Pair(left[place], right[place])
        for place in sorted(left.keys() & right.keys())
        if place[0] in shared
    )
    for name, (label, value_of) in MUST_AGREE.items():
        if name not in allowed:
            problems.extend(_differences(pairs, name, label, value_of))
    if problems:
        raise InputError(problems)
    scenarios = {scenario for scenario, _ in left} | {scenario for scenario, _ in right}
    return Paired(pairs, tuple(sorted(scenarios - shared)), allowed)


def values(group: Sequence[Pair], metric: str) -> Values:
    """A scenario's paired amounts, as `CellResult.per_request`; shape (trials, 2).

    Every cell has the amount.
    """
    return np.array(
        [[cell.per_request(metric) for cell in (pair.a, pair.b)] for pair in group],
        dtype=np.float64,
    )


def files(pair: Pair, metric: str) -> Pairs:
    """The files of a pair of cells, counted by their outcome on both sides.

    `approval` counts the artifacts of either side, where a missing one is not approved;
    `acceptance` counts the requested files. Raises `ValueError` if the cells were not proven, or
    were asked for different numbers of files.
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
        what = (
            "no file was proven" if wholes == {0} else "the two sides did not prove the same files"
        )
        raise ValueError(f"{pair.scenario}, trial {pair.trial}: {what}")
    refuted_a, refuted_b = (
        {(x.request, x.path) for x in cell.refuted} for cell in (pair.a, pair.b)
    )
    return Pairs(
        both=wholes.pop() - len(refuted_a | refuted_b),
        only_a=len(refuted_b - refuted_a),
        only_b=len(refuted_a - refuted_b),
        neither=len(refuted_a & refuted_b),
    )


def request_usage(cell: CellResult, request: str, metric: str) -> int:
    """The `tokens` or `calls` of one request, 0 if it made no call.

    All calls of a session with one request are of this request, whatever they name.
    """
    if cell.requests == 1:
        return cell.calls if metric == "calls" else cell.tokens
    used = cell.by_request.get(request)
    if used is None:
        return 0
    return used.calls if metric == "calls" else used.prompt_tokens + used.completion_tokens


def _by_place(cells: Sequence[CellResult], side: str) -> dict[tuple[str, int], CellResult]:
    by_place: dict[tuple[str, int], CellResult] = {}
    for cell in cells:
        place = (cell.scenario, cell.trial)
        if place in by_place:
            what = f"{side} has several cells of {cell.scenario}, trial {cell.trial}"
            raise InputError(Problem(what, expected="one combination of one run on each side"))
        by_place[place] = cell
    return by_place


def _unpaired_trials(
    left: Mapping[tuple[str, int], CellResult],
    right: Mapping[tuple[str, int], CellResult],
    shared: Iterable[str],
) -> list[Problem]:
    problems = []
    for scenario in sorted(shared):
        trials = [{trial for name, trial in side if name == scenario} for side in (left, right)]
        if trials[0] != trials[1]:
            texts = [", ".join(map(str, sorted(side))) for side in trials]
            what = f"A has the trials {texts[0]}; B has {texts[1]}"
            problems.append(Problem(what, where=scenario, expected="the same trials on both sides"))
    return problems


def _differences(
    pairs: Sequence[Pair], name: str, label: str, value_of: Callable[[CellResult], Any]
) -> list[Problem]:
    """One problem per scenario, with the first values that differ."""
    problems = []
    by_scenario: dict[str, list[Pair]] = {}
    for pair in pairs:
        if value_of(pair.a) != value_of(pair.b):
            by_scenario.setdefault(pair.scenario, []).append(pair)
    for scenario, differing in by_scenario.items():
        trials = ", ".join(str(pair.trial) for pair in differing)
        a, b = (_text_of(value_of(cell)) for cell in (differing[0].a, differing[0].b))
        problems.append(
            Problem(
                f"{label} differs: A has {a}, B has {b}",
                where=f"{scenario}, trial {trials}",
                expected="results that differ only in what is compared",
                fix=f"--declare {name}, if that difference is intended",
            )
        )
    return problems


def _text_of(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
