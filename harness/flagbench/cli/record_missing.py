"""`flagbench record` without a mode: what the cassettes lack is forecast, then recorded."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from flagbench.cassette import store
from flagbench.errors import CouldNotRun
from flagbench.printable import printable_line
from flagbench.run import forecast as forecasts
from flagbench.run import recording as recorder
from flagbench.run.forecast import Forecast
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.run.trial_recorders import Trial, TrialRecorder
from flagbench.scenario.loading import Scenario
from flagbench.series import recorded_cost
from flagbench.series.recorded_cost import in_minutes
from flagbench.shell_command import shell_command

# Between two lines on a long recording.
_EVERY_SECONDS = 20.0
# Maximum length of the reason for a missing forecast.
_OBSTACLE_LENGTH = 120


def record_missing(
    chosen: Sequence[Scenario],
    endpoint: Endpoint | None,
    record_trials: TrialRecorder,
    cassettes: Path,
    console: Console,
    ask: Callable[[], None] | None,
    *,
    fresh: bool,
) -> None:
    """Say what the cassettes lack, ask, and record it."""
    expected: dict[Path, Forecast] = {}
    for scenario in chosen:
        with console.status(Text(f"{scenario.path}: counting missing answers")):
            forecast = forecasts.forecast(scenario, cassettes=cassettes, fresh=fresh)
        expected[scenario.path] = forecast
        told = _describe_forecast(forecast, scenario, cassettes)
        console.print(f"{scenario.path}: {told}")
        _report_resumed(console, scenario, cassettes=cassettes, fresh=fresh)
        for place in store.damaged_answers(cassettes, scenario):
            console.print(f"{place}: this answer is damaged, and is asked for again")
    todo = [
        scenario
        for scenario in chosen
        if fresh or _may_lack(expected[scenario.path]) or store.is_unfinished(cassettes, scenario)
    ]
    # A recording without a request costs nothing, and a service may cost as much as a provider.
    paid = [scenario for scenario in todo if endpoint or scenario.services]
    if ask and any(_may_lack(expected[scenario.path]) for scenario in paid):
        ask()
    if todo:
        _record(todo, record_trials, console)
    # Last: an interrupted command that is repeated must not pay again for its first scenarios.
    for scenario in todo:
        store.finish(cassettes, scenario)
    for scenario in chosen:
        if not store.has_answers(cassettes, scenario):
            console.print(f"{scenario.path}: {recorded_cost.NO_CALLS}")


def _record(todo: Sequence[Scenario], record_trials: TrialRecorder, console: Console) -> None:
    """Record every trial of some scenarios, with a bar for each scenario that has begun."""
    trials = iter([(scenario, n) for scenario in todo for n in range(1, scenario.trials + 1)])
    added = {scenario.path: [recorder.NO_USAGE] for scenario in todo}
    bars = dict[Path, TaskID]()
    said = time.monotonic()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:

        def take() -> Trial | None:
            started = next(trials, None)
            if started is not None and started[0].path not in bars:
                scenario = started[0]
                cells = len(recorder.combinations_of(scenario)) * scenario.trials
                bars[scenario.path] = progress.add_task(f"{scenario.name}: cells", total=cells)
            return started

        def done(started: Trial, usage: RecordedUsage) -> None:
            nonlocal said
            scenario, _ = started
            added[scenario.path].append(usage)
            count = len(added[scenario.path]) - 1
            is_due = time.monotonic() - said >= _EVERY_SECONDS
            if is_due and not console.is_terminal:  # which shows no progress
                said = time.monotonic()
                console.print(f"{scenario.path}: {count} of {scenario.trials} trials are recorded")
            if count == scenario.trials:
                progress.remove_task(bars[scenario.path])
                total = sum(added[scenario.path], recorder.NO_USAGE)
                console.print(f"{scenario.path}: recorded {_describe(total)}")

        record_trials(take, done, lambda started: progress.advance(bars[started[0].path]))


def _report_resumed(console: Console, scenario: Scenario, *, cassettes: Path, fresh: bool) -> None:
    journals = store.interrupted_fresh(cassettes, scenario) if fresh else {}
    if answers := sum(journals.values()):
        paths = shell_command(*journals)
        console.print(
            f"{scenario.path}: going on with {answers} answers of the interrupted --fresh "
            f"recording; delete {paths} to start over",
        )


def _may_lack(forecast: Forecast) -> bool:
    """True if there is something to record, or if that cannot be known."""
    return forecast.usage is None or forecast.usage.requests > 0


def _describe_forecast(forecast: Forecast, scenario: Scenario, cassettes: Path) -> str:
    if forecast.usage is None:
        before = _recorded_before(scenario, cassettes)
        why = printable_line(" ".join(forecast.obstacle.split()))
        short = why if len(why) <= _OBSTACLE_LENGTH else f"{why[:_OBSTACLE_LENGTH]}…"
        return f"the cost is unknown: {before} (no forecast: {short})"
    return f"{_describe(forecast.usage)} to record"


def _recorded_before(scenario: Scenario, cassettes: Path) -> str:
    """The cost of the last recording, in words."""
    try:
        cost = recorded_cost.cost_of_trial(scenario, cassettes)
    except CouldNotRun:
        return "nothing was recorded before"
    tokens = "unknown" if cost.tokens is None else f"{cost.tokens:,.0f}"
    return f"a trial took {cost.requests:,.0f} requests, {tokens} tokens the last time"


def _describe(usage: RecordedUsage) -> str:
    tokens = usage.prompt_tokens + usage.completion_tokens
    unknown = f"; the tokens of {usage.unknown:,} of them are unknown" if usage.unknown else ""
    services = f"; {usage.service_calls:,} calls of services" if usage.service_calls else ""
    time_ = in_minutes(usage.seconds)
    return f"{usage.requests:,} requests, about {tokens:,} tokens, {time_}{unknown}{services}"
