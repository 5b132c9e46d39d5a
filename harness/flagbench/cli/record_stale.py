"""`flagbench record --stale`: changed trials, oldest and cheapest first, within a budget."""

import math
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flagbench import known_amounts
from flagbench.cassette import store
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.run.recording import NO_USAGE, RecordedUsage
from flagbench.run.trial_recorders import Trial, TrialRecorder
from flagbench.scenario.loading import Scenario
from flagbench.series import stale_trials
from flagbench.series.recorded_cost import in_minutes
from flagbench.series.stale_trials import Budget, StaleTrial


def stale_of(
    chosen: Sequence[Scenario],
    cassettes: Path,
    budget_usd: float | None,
    console: Console,
    parallel: int = 1,
) -> list[StaleTrial]:
    """The stale trials in the order of their recording, printed with their forecast.

    Raises `InputError` for a budget where a model has no price.
    """
    with console.status(Text("counting missing answers")):
        stale = stale_trials.in_order(stale_trials.find(chosen, cassettes))
    for scenario in chosen:
        if len(store.trials_without(cassettes, scenario)) == scenario.trials:
            console.print(f"{scenario.path}: never recorded; {store.record_command(scenario)}")
    if budget_usd is not None and (unpriced := [each for each in stale if each.usd is None]):
        what = f"--budget-usd, and no price of {unpriced[0].scenario.model}"
        raise InputError(Problem(what, str(unpriced[0].scenario.path), "a price table with it"))
    for each in stale:
        console.print(f"{_name(each)}: {_amounts(each.expected, each.usd)} expected")
    if stale:
        console.print(_in_all(stale, parallel))
    else:
        console.print("nothing is stale: every recorded trial has all its answers")
    return stale


def record_stale(
    stale: Sequence[StaleTrial], budget_usd: float | None, record: TrialRecorder, console: Console
) -> ExitCode:
    """Record the trials while the budget admits them; KEPT if none is left.

    A trial that is too dear is passed over, and a cheaper one after it is recorded. One that does
    not fit beside those that are being recorded waits for what they cost. What is left is stale for
    the same command later.
    """
    budget = Budget(float("inf") if budget_usd is None else budget_usd)
    waiting, left = list(stale), list[StaleTrial]()
    running = dict[tuple[Path, int], StaleTrial]()
    expected, added, began = NO_USAGE, NO_USAGE, time.monotonic()
    spent = list[float | None]()

    def take() -> Trial | None:
        reserved = math.fsum(each.usd or 0.0 for each in running.values())
        while waiting:
            each = waiting[0]
            if budget.admits((each.usd or 0.0) + reserved):
                running[each.scenario.path, each.trial] = waiting.pop(0)
                return each.scenario, each.trial
            if running:
                return None
            left.append(waiting.pop(0))
        return None

    def done(started: Trial, usage: RecordedUsage) -> None:
        nonlocal expected, added
        scenario, trial = started
        each = running.pop((scenario.path, trial))
        usd = stale_trials.usd_of(usage, scenario)
        spent.append(usd)
        if each.usd is not None:  # what is unknown counts as it was forecast
            budget.spend(each.usd, each.usd if usd is None else usd)
        expected, added = expected + each.expected, added + usage
        console.print(f"{_name(each)}: {_amounts(usage, usd)} recorded")

    record(take, done, lambda _: None)
    if expected.requests:
        console.print(_error(expected, added, spent, time.monotonic() - began))
    for each in left:
        console.print(f"{_name(each)}: left for later, {_dollars(each.usd)} is beyond the budget")
    return ExitCode.COULD_NOT_RUN if left else ExitCode.KEPT


def _error(
    expected: RecordedUsage,
    added: RecordedUsage,
    spent: Sequence[float | None],
    took_seconds: float,
) -> str:
    off = _off(*(None if use.unknown else _counted(use) for use in (expected, added)))
    return (
        f"forecast: {expected.requests:,} requests, {_tokens(expected)} and "
        f"{in_minutes(expected.seconds)}; recorded: {added.requests:,} requests, "
        f"{_tokens(added)} ({off}), {_dollars(known_amounts.total(spent))}, "
        f"{in_minutes(added.seconds)} ({_off(expected.seconds, added.seconds)}) in "
        f"{in_minutes(took_seconds)} of real time"
    )


def _off(expected: float | None, came: float | None) -> str:
    """The error of a forecast; one of nothing has none."""
    return "unknown" if not expected or came is None else f"{came / expected - 1:+z.1%}"


def _name(each: StaleTrial) -> str:
    return f"{each.scenario.path} trial {each.trial}"


def _in_all(stale: Sequence[StaleTrial], parallel: int) -> str:
    """The forecast of all trials, and the time of so many at once: each takes the next."""
    total = sum((each.expected for each in stale), NO_USAGE)
    usd = known_amounts.total(each.usd for each in stale)
    told = f"in all: {_amounts(total, usd)}, one request after another"
    if parallel == 1 or total.seconds is None:
        return told
    ends = [0.0] * parallel
    for each in stale:
        ends[ends.index(min(ends))] += each.expected.seconds or 0.0
    return f"{told}; {in_minutes(max(ends))} with {parallel} trials at a time"


def _amounts(usage: RecordedUsage, usd: float | None) -> str:
    return (
        f"{usage.requests:,} requests, {_tokens(usage)}, {_dollars(usd)}, "
        f"{in_minutes(usage.seconds)}"
    )


def _counted(usage: RecordedUsage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _tokens(usage: RecordedUsage) -> str:
    more = f" and those of {usage.unknown:,} requests, unknown" if usage.unknown else ""
    return f"{_counted(usage):,} tokens{more}"


def _dollars(usd: float | None) -> str:
    return "US$ unknown" if usd is None else f"US${usd:.4f}"
