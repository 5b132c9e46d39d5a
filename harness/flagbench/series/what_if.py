"""A scenario under a counterfactual: the same recordings with other latencies, limits or prices."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flagbench import known_amounts
from flagbench.errors import CouldNotRun, NotRecorded
from flagbench.run.counterfactual import Counterfactual
from flagbench.run.options import Options
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.series.runner import SeriesRunner
from flagbench.series.series import MeasuredCell

_EXPECTED = "conditions closer to the recorded ones: under these, the subject sends other requests"

_NO_RATE = (
    "the calls a minute are unknown: the recording does not have the latency of every call\n"
    "    expected: provider.tokens_per_second and provider.first_token_seconds as well"
)


@dataclass(frozen=True, slots=True)
class WhatIfResult:
    """A series as it was recorded and under a counterfactual: means over the trials.

    Seconds are None where the recording lacks latencies. `refused` is the number of calls refused
    by the rate limit. `reason`, if not "", says why the series cannot be replayed under the
    counterfactual, whose figures are then None.
    """

    combination: str
    recorded_seconds: float | None
    seconds: float | None
    tokens: float | None
    usd: float | None
    refused: float | None
    reason: str = ""


def compute(
    scenario: Scenario,
    combinations: Sequence[Combination],
    options: Options,
    counterfactual: Counterfactual,
) -> list[WhatIfResult]:
    """Replay the combinations as recorded and under the counterfactual.

    Raises what a replay raises. Artifacts are not proven: they depend on the answers, which are the
    same.
    """
    unproven = replace(scenario, acceptance=())
    recorded = SeriesRunner(options)
    changed = SeriesRunner(replace(options, counterfactual=counterfactual))
    return [_result(unproven, combination, recorded, changed) for combination in combinations]


def _result(
    scenario: Scenario, combination: Combination, recorded: SeriesRunner, changed: SeriesRunner
) -> WhatIfResult:
    before = recorded.cells(scenario, combination)
    try:
        after = changed.cells(scenario, combination)
    except CouldNotRun as error:
        return _unknown(combination, before, _reason(error))
    if changed.options.counterfactual.requests_per_minute and _seconds(after) is None:
        return _unknown(combination, before, _NO_RATE)
    return WhatIfResult(
        combination.id,
        recorded_seconds=_seconds(before),
        seconds=_seconds(after),
        tokens=statistics.fmean(cell.measurement.tokens for cell in after),
        usd=known_amounts.mean(cell.measurement.usd for cell in after),
        refused=statistics.fmean(cell.refused for cell in after),
    )


def _unknown(combination: Combination, before: Sequence[MeasuredCell], reason: str) -> WhatIfResult:
    return WhatIfResult(combination.id, _seconds(before), None, None, None, None, reason)


def _reason(error: CouldNotRun) -> str:
    """The text of an error, without the fix to record again if a request is not recorded.

    A refusal or a late answer may lead a subject to requests that it never sent when it was
    recorded, and would not send in a new recording either.
    """
    if not isinstance(error, NotRecorded):
        return str(error)
    problems = (replace(problem, expected=_EXPECTED, fix="") for problem in error.problems)
    return "\n".join(map(str, problems))


def _seconds(cells: Sequence[MeasuredCell]) -> float | None:
    return known_amounts.mean(cell.measurement.seconds for cell in cells)
