"""A scenario in another world: the same recordings, another pace, other limits, other prices."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flagbench.errors import CouldNotRun, NotRecorded
from flagbench.run.counterfactual import Counterfactual
from flagbench.run.options import Options
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series.runner import SeriesRunner
from flagbench.series.series import MeasuredCell

_NEARER = "a world nearer to the recorded one: here the subject asks what nobody has recorded"


@dataclass(frozen=True, slots=True)
class WhatIfResult:
    """A series as it was recorded and as it would be: means over the trials.

    `refused` are the calls that the world's rate limit turned away. `reason` says why the series
    cannot be told in that world, and the figures are then zero.
    """

    combination: str
    recorded_seconds: float
    seconds: float
    tokens: float
    usd: float | None
    refused: float
    reason: str = ""


def tell(
    scenario: Scenario,
    combinations: Sequence[Combination],
    options: Options,
    counterfactual: Counterfactual,
) -> list[WhatIfResult]:
    """Replay the combinations in both worlds. Raises what a replay of the recordings raises.

    What was generated is not proven again: it depends on the answers, and these are the same.
    """
    alone = replace(scenario, acceptance=())
    recorded, other = (
        SeriesRunner(options),
        SeriesRunner(replace(options, counterfactual=counterfactual)),
    )
    return [_of(alone, one, recorded, other) for one in combinations]


def _of(
    scenario: Scenario, combination: Combination, recorded: SeriesRunner, other: SeriesRunner
) -> WhatIfResult:
    before = recorded.cells(scenario, combination)
    try:
        after = other.cells(scenario, combination)
    except CouldNotRun as why:
        return WhatIfResult(combination.id, _seconds(before), 0.0, 0.0, None, 0.0, _reason(why))
    dollars = [one.measurement.usd for one in after]
    return WhatIfResult(
        combination.id,
        recorded_seconds=_seconds(before),
        seconds=_seconds(after),
        tokens=statistics.fmean(one.measurement.tokens for one in after),
        usd=None if None in dollars else statistics.fmean(one or 0.0 for one in dollars),
        refused=statistics.fmean(one.refused for one in after),
    )


def _reason(why: CouldNotRun) -> str:
    """In words. A refusal, or an answer that comes too late, may lead a subject to ask what it
    never asked when it was recorded; another recording would not have it either.
    """
    if not isinstance(why, NotRecorded):
        return str(why)
    return "\n".join(str(replace(one, expected=_NEARER, fix="")) for one in why.problems)


def _seconds(cells: Sequence[MeasuredCell]) -> float:
    return statistics.fmean(one.measurement.seconds for one in cells)
