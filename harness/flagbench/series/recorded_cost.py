"""The cost of a trial that is recorded, from its cassette: requests, tokens, dollars, minutes."""

from dataclasses import dataclass
from pathlib import Path

from flagbench import known_amounts
from flagbench.cassette import file, store
from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.measurement import prices
from flagbench.measurement.dollars import dollars_of
from flagbench.scenario.loading import Scenario

# Of a scenario without a single recorded call.
NO_CALLS = (
    "no trial of any series sent a request; if the subject should, it has to call through the "
    "client, or the OPENAI_BASE_URL, that it is given"
)


@dataclass(frozen=True, slots=True)
class TrialCost:
    """Mean amounts of a recorded trial with all its combinations; None where they are unknown."""

    requests: float
    tokens: float | None
    usd: float | None
    seconds: float | None


def cost_of_trial(scenario: Scenario, cassettes: Path) -> TrialCost:
    """The mean over the trials of a scenario. Raises `CouldNotRun` without its cassettes."""
    table = prices.table(scenario.prices or prices.TABLE)
    requests = 0
    tokens, usd, seconds = (list[float | None]() for _ in range(3))
    for trial in range(1, scenario.trials + 1):
        path = store.cassette_path(cassettes, scenario, trial)
        cassette = file.load(path, record_command=store.record_command(scenario))
        calls = cassette.counted_by(scenario.tokenizer).interactions
        of_models = [call for call in calls if not call.service]
        usages = [call.known_usage for call in of_models]
        known = [usage for usage in usages if isinstance(usage, TokenUsage)]
        requests += len(of_models)
        is_known = len(known) == len(usages)
        tokens.append(sum(usage.tokens for usage in known) if is_known else None)
        usd.append(dollars_of(known, scenario.model, table).usd if is_known else None)
        seconds += [call.elapsed_seconds for call in of_models]
    in_all = known_amounts.total(seconds)
    return TrialCost(
        requests / scenario.trials,
        known_amounts.mean(tokens),
        known_amounts.mean(usd),
        None if in_all is None else in_all / scenario.trials,
    )


def in_minutes(seconds: float | None) -> str:
    """The time of a recording in words; None is unknown."""
    if seconds is None:
        return "time unknown"
    return "under 0.1 minutes" if 0 < seconds < 3 else f"{seconds / 60:,.1f} minutes"
