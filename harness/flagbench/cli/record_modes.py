"""The modes of `flagbench record` that choose what to record: --stale and --until-decided."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from rich.console import Console

from flagbench import extras
from flagbench.cli import record_stale
from flagbench.errors import InputError, Problem
from flagbench.run import forecast as forecasts
from flagbench.run import recording as recorder
from flagbench.run.options import Options
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.run.trial_recorders import TrialRecorder
from flagbench.scenario.loading import Scenario


def check_options(
    *, stale: bool, fresh: bool, until_decided: bool, budget: bool, gates: bool, shared: bool
) -> None:
    """Raise `InputError` for options that do not go together."""
    if stale + fresh + until_decided > 1:
        what = "more than one of --stale, --fresh and --until-decided"
        raise InputError(Problem(what, expected="one of them"))
    if shared and until_decided:
        what = "--parallel, --per-minute or --on with --until-decided"
        raise InputError(Problem(what, expected="one trial after another: each may be the last"))
    if gates and not until_decided:
        raise InputError(Problem("--fail-if", expected="it with --until-decided"))
    if budget and not stale:
        raise InputError(Problem("--budget-usd", expected="it with --stale"))


def stale(
    chosen: Sequence[Scenario],
    endpoint: Endpoint | None,
    cassettes: Path,
    budget_usd: float | None,
    console: Console,
    *,
    record: TrialRecorder,
    ask: Callable[[], None] | None,
) -> int:
    """Record the stale trials; returns the exit code, that of COULD NOT RUN if some are left."""
    trials = record_stale.stale_of(chosen, cassettes, budget_usd, console, record.count)
    if trials and ask and (endpoint or any(each.scenario.services for each in trials)):
        ask()
    return record_stale.record_stale(trials, budget_usd, record, console)


def _record_one(
    endpoint: Endpoint | None, cassettes: Path, scenario: Scenario, trial: int
) -> RecordedUsage:
    with nullcontext(endpoint) if endpoint else forecasts.simulated(scenario) as used:
        return recorder.record_trial(
            scenario, trial, used, cassettes=cassettes, fresh=False, on_cell=lambda: None
        )


def until_decided(
    chosen: Sequence[Scenario],
    endpoint: Endpoint | None,
    conditions: Sequence[str],
    against: str,
    options: Options,
    console: Console,
    *,
    ask: Callable[[], None] | None,
) -> int:
    """Record a scenario until its gates are decided; returns the exit code of `compare`."""
    extras.require("report", "flagbench record --until-decided")
    from flagbench.cli import record_until  # noqa: PLC0415  an extra's

    if len(chosen) != 1:
        raise InputError(Problem(f"{len(chosen)} scenarios", "--until-decided", "one scenario"))
    gates = record_until.conditions_of(conditions)
    if ask and (endpoint or chosen[0].services):
        ask()
    record_one = partial(_record_one, endpoint, options.cassettes)
    return record_until.until_decided(chosen[0], gates, against, record_one, options, console)
