"""`flagbench record --stale`: changed trials, oldest and cheapest first, within a budget."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flagbench.cassette import store
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.run.recording import NO_USAGE, RecordedUsage
from flagbench.scenario.loading import Scenario
from flagbench.series import stale_trials
from flagbench.series.stale_trials import Budget, StaleTrial

RecordTrial = Callable[[Scenario, int], RecordedUsage]
"""Function that records a trial of a scenario and returns what it added."""


def stale_of(
    chosen: Sequence[Scenario], cassettes: Path, budget_usd: float | None, console: Console
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
    if not stale:
        console.print("nothing is stale: every recorded trial has all its answers")
    return stale


def record_stale(
    stale: Sequence[StaleTrial], budget_usd: float | None, record: RecordTrial, console: Console
) -> ExitCode:
    """Record the trials while the budget admits them; KEPT if none is left.

    A trial that is too dear is passed over, and a cheaper one after it is recorded. What is left is
    stale for the same command later.
    """
    budget = Budget(float("inf") if budget_usd is None else budget_usd)
    expected, added, left = NO_USAGE, NO_USAGE, list[StaleTrial]()
    for each in stale:
        if not budget.admits(each.usd or 0.0):
            left.append(each)
            continue
        usage = record(each.scenario, each.trial)
        usd = stale_trials.usd_of(usage, each.scenario)
        budget.spend(each.usd or 0.0, usd or 0.0)
        expected, added = expected + each.expected, added + usage
        console.print(f"{_name(each)}: {_amounts(usage, usd)} recorded")
    if expected.requests:
        console.print(_error(expected, added, budget))
    for each in left:
        console.print(
            f"{_name(each)}: left for later, US${each.usd or 0.0:.4f} is beyond the budget"
        )
    return ExitCode.COULD_NOT_RUN if left else ExitCode.KEPT


def _error(expected: RecordedUsage, added: RecordedUsage, budget: Budget) -> str:
    tokens = [use.prompt_tokens + use.completion_tokens for use in (expected, added)]
    off = f"{tokens[1] / tokens[0] - 1:+.1%}" if tokens[0] else "unknown"
    return (
        f"forecast: {expected.requests:,} requests and {tokens[0]:,} tokens; recorded: "
        f"{added.requests:,} requests and {tokens[1]:,} tokens ({off}), US${budget.spent:.4f}"
    )


def _name(each: StaleTrial) -> str:
    return f"{each.scenario.path} trial {each.trial}"


def _amounts(usage: RecordedUsage, usd: float | None) -> str:
    tokens = usage.prompt_tokens + usage.completion_tokens
    price = "US$ unknown" if usd is None else f"US${usd:.4f}"
    return f"{usage.requests:,} requests, {tokens:,} tokens, {price}"
