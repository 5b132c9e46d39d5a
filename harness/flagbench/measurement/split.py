"""Exact split of a difference: longer prompts, longer answers, calls that came or went, the rest.

Calls of two sides are paired as an explanation pairs them. What a pair differs by is design or
answer length; what has no pair came or went, for a cause that the steps beside it show.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from flagbench.measurement.call_causes import UNKNOWN, CallCauses
from flagbench.measurement.call_pairs import difference, paired
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.costed_steps import unpacked
from flagbench.measurement.trace_rows import FAILED, CostedStep, TraceStep

METRICS = ("tokens", "seconds", "usd")
PROMPTS, ANSWERS = "prompt length at the same calls", "answer length at the same calls"
LATENCIES = "latency of the same calls"
CAME, WENT = "calls that came", "calls that went"
REST = {"tokens": "not in the calls", "seconds": "pauses and overlap", "usd": "rounding"}
Amounts = Callable[[CostedStep], tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Cause:
    """Calls that came or went for a cause, with their number and their amount."""

    name: str
    calls: int
    amount: float


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a difference of one metric, B - A; they add up to `total` to the last digit.

    For tokens and dollars, `prompts` and `answers` are the differences within pairs of calls; for
    seconds, `answers` is that of their latencies. `rest` is what no call has: pauses and overlap of
    seconds, rounding of dollars. `recordings` is the number of pairs of cells that were added up.
    """

    metric: str
    total: float
    prompts: float
    answers: float
    came: Sequence[Cause] = field(default_factory=list)
    went: Sequence[Cause] = field(default_factory=list)
    recordings: int = 1

    @property
    def rest(self) -> float:
        """The difference that is not in the calls."""
        return self.total - self.prompts - self.answers - self.moved

    @property
    def moved(self) -> float:
        """The part of the calls that came or went."""
        return math.fsum(cause.amount for cause in (*self.came, *self.went))


def split(
    metric: str, total: float, was: Sequence[CostedStep], now: Sequence[CostedStep]
) -> Split | None:
    """Split the difference `total` of a metric; None where the amount of a call is unknown."""
    amounts = _AMOUNTS[metric]
    calls = [[step for step in side if step.digest] for side in (was, now)]
    if any(None in amounts(call) for side in calls for call in side):
        return None
    prompts = answers = 0.0
    moved: dict[bool, dict[str, tuple[int, float]]] = {True: {}, False: {}}
    causes = {True: CallCauses(now, was), False: CallCauses(was, now)}
    removed, added = difference(*calls), difference(*reversed(calls))
    for _, first, second in paired(removed, added, lambda call: call.prompt_tokens):
        before, after = (_known(amounts, step) for step in (first, second))
        if first is not None and second is not None:
            prompts += after[0] - before[0]
            answers += after[1] - before[1]
            continue
        has_come = first is None
        step = second if has_come else first
        name = causes[has_come].of(step) if step is not None else UNKNOWN
        count, amount = moved[has_come].get(name, (0, 0.0))
        amount += math.fsum(after) - math.fsum(before)
        moved[has_come][name] = count + 1, amount
    came, went = (
        [Cause(name, *values) for name, values in sorted(moved[side].items())]
        for side in (True, False)
    )
    return Split(metric, total, prompts, answers, came, went)


def of_traces(was: Sequence[TraceStep], now: Sequence[TraceStep], trials: int) -> Split | None:
    """The split of the tokens of two traces of so many trials; None where they are the same."""
    total = sum(step.tokens for step in now) - sum(step.tokens for step in was)
    found = split("tokens", total, _costed(was), _costed(now))
    if found is None or not (total or found.prompts or found.came or found.went):
        return None
    return replace(found, recordings=max(1, trials))


def of_cells(metric: str, first: CellResult, second: CellResult) -> Split | None:
    """The split of the difference of two cells of any trials, None where it is not known."""
    a, b = first.amount(metric), second.amount(metric)
    # Cells that were written down by hand or by another program have no steps.
    has_steps = all(cell.steps or not cell.calls for cell in (first, second))
    if a is None or b is None or not has_steps:
        return None
    was, now = (
        [step._replace(trial=0) for step in unpacked(cell.steps)] for cell in (first, second)
    )
    return split(metric, b - a, was, now)


def _costed(steps: Iterable[TraceStep]) -> list[CostedStep]:
    """The steps of a trace, which has neither seconds nor dollars, nor the end of a call."""
    return [
        CostedStep(*step[:7], end=FAILED if step.digest and not step.prompt_tokens else "")
        for step in steps
    ]


def added(splits: Iterable[Split]) -> Split | None:
    """The sum of splits of the same metric, None for none."""
    parts = list(splits)
    if not parts:
        return None
    return Split(
        parts[0].metric,
        math.fsum(part.total for part in parts),
        math.fsum(part.prompts for part in parts),
        math.fsum(part.answers for part in parts),
        _joined(cause for part in parts for cause in part.came),
        _joined(cause for part in parts for cause in part.went),
        sum(part.recordings for part in parts),
    )


def _joined(causes: Iterable[Cause]) -> list[Cause]:
    groups: dict[str, list[Cause]] = {}
    for cause in causes:
        groups.setdefault(cause.name, []).append(cause)
    joined = [
        Cause(name, sum(each.calls for each in group), math.fsum(each.amount for each in group))
        for name, group in groups.items()
    ]
    return sorted(joined, key=lambda cause: (-abs(cause.amount), cause.name))


_AMOUNTS: dict[str, Amounts] = {
    "tokens": lambda step: (step.prompt_tokens, step.completion_tokens),
    "seconds": lambda step: (0.0, step.seconds),
    "usd": lambda step: (step.prompt_usd, step.completion_usd),
}


def _known(amounts: Amounts, step: CostedStep | None) -> tuple[float, float]:
    if step is None:
        return 0.0, 0.0
    first, second = amounts(step)
    return first or 0.0, second or 0.0
