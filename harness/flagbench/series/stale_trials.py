"""Trials whose recordings lack answers to requests of today, in the order to record them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flagbench import git
from flagbench.cassette import store
from flagbench.errors import CouldNotRun, Problem
from flagbench.measurement import prices
from flagbench.run import forecast as forecasts
from flagbench.run.recording import RecordedUsage
from flagbench.scenario.loading import Scenario


@dataclass(frozen=True, slots=True)
class StaleTrial:
    """A recorded trial that lacks answers, with their forecast; `usd` is None without a price."""

    scenario: Scenario
    trial: int
    recorded_at: float
    expected: RecordedUsage
    usd: float | None


def find(scenarios: Iterable[Scenario], cassettes: Path) -> Iterator[StaleTrial]:
    """The stale trials of some scenarios. Raises `CouldNotRun` without a forecast.

    A trial without a recording is not stale: it was never recorded.
    """
    for scenario in scenarios:
        without = store.trials_without(cassettes, scenario)
        if len(without) == scenario.trials:
            continue
        forecast = forecasts.forecast(scenario, cassettes=cassettes, fresh=False)
        if forecast.usage is None:
            raise CouldNotRun(
                Problem(
                    f"no forecast: {forecast.obstacle}",
                    where=str(scenario.path),
                    fix=store.record_command(scenario),
                )
            )
        for trial, expected in enumerate(forecast.by_trial, start=1):
            if trial in without or not expected.requests + expected.service_calls:
                continue
            path = store.cassette_path(cassettes, scenario, trial)
            yield StaleTrial(scenario, trial, _time(path), expected, usd_of(expected, scenario))


def in_order(trials: Iterable[StaleTrial]) -> list[StaleTrial]:
    """Those recorded longest ago first, then the cheapest."""
    return sorted(
        trials,
        key=lambda stale: (
            stale.recorded_at, stale.usd or 0.0, str(stale.scenario.path), stale.trial,
        ),
    )  # fmt: skip


def usd_of(usage: RecordedUsage, scenario: Scenario) -> float | None:
    """The dollars of a usage at the price of the scenario's model, None without one.

    The simulated provider costs nothing: its dollars are those of the model it stands in for.
    """
    price = prices.price_of(scenario.model, prices.table(scenario.prices or prices.TABLE))
    if price is None or usage.unknown:
        return None
    return price.usd(usage.prompt_tokens, usage.completion_tokens)


@dataclass(slots=True)
class Budget:
    """Dollars that may be spent; a forecast is corrected by how wrong those so far were."""

    usd: float
    spent: float = 0.0
    expected: float = 0.0

    @property
    def factor(self) -> float:
        """The dollars spent for each dollar that was forecast, 1 before the first."""
        return self.spent / self.expected if self.expected else 1.0

    def admits(self, forecast_usd: float) -> bool:
        """True if a recording of this forecast is likely to stay within the budget."""
        return self.spent + forecast_usd * max(1.0, self.factor) <= self.usd

    def spend(self, forecast_usd: float, usd: float) -> None:
        """Note what a recording was forecast to cost, and what it cost."""
        self.expected += forecast_usd
        self.spent += usd


def _time(path: Path) -> float:
    """The time when a cassette was committed, or else when it was written."""
    try:
        return float(git.changed_at(path.absolute()))
    except LookupError:
        return path.stat().st_mtime
