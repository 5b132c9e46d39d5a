"""What is expected of a series: its baseline, where that speaks of this run."""

from collections.abc import Mapping

from harness import baseline
from harness.errors import InputError, Problem
from harness.matrix import Combination
from harness.options import Options
from harness.scenario import Scenario


class Expectations:
    """The accepted baselines, each read once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._baselines: dict[str, baseline.Baseline | None] = {}

    def baseline_of(self, scenario: Scenario) -> baseline.Baseline | None:
        """The scenario's baseline; None where nothing was accepted yet."""
        if scenario.name not in self._baselines:
            path = baseline.path_of(self._options.baselines, scenario.name)
            self._baselines[scenario.name] = baseline.load(path)
        return self._baselines[scenario.name]

    def of(
        self, scenario: Scenario, combination: Combination
    ) -> Mapping[str, baseline.Expected] | None:
        """What the baseline expects of a series; None where it says nothing about this run.

        Raises `InputError` for one that was accepted of other recordings.
        """
        options = self._options
        if options.accept_baselines:
            return None
        accepted = self.baseline_of(scenario)
        known = accepted.series.get(combination.id) if accepted else None
        if known is None and not options.is_own_design:
            return None
        made = (scenario.provider, scenario.trials)
        if accepted and (accepted.provider, accepted.trials) != made:
            if options.provider or options.trials:
                return None
            was = f"{accepted.trials} trials of provider {accepted.provider}"
            raise InputError(
                Problem(
                    f"accepted with {was}, the scenario now says {made[1]} of {made[0]}",
                    where=str(baseline.path_of(options.baselines, scenario.name)),
                    fix=f"pytest {scenario.path} --accept-baselines",
                )
            )
        return known or {}
