"""Options of a run."""

from dataclasses import dataclass, replace
from pathlib import Path

from flagbench.errors import InputError, problem_in
from flagbench.run.counterfactual import RECORDED, Counterfactual
from flagbench.scenario import designs, provider_name
from flagbench.scenario.loading import Scenario


@dataclass(frozen=True, slots=True)
class Options:
    """Folders and overrides of a run; None leaves the scenario's own choice.

    `proofs` is the folder of the proof cache, None for no cache. `run_unsandboxed` runs generated
    code where the platform has no sandbox. `tokenizer` ("" for that of each model) and `prices` are
    the project's, for scenarios without their own. `folder` is the name of the latest reports'.
    With `provisional`, recorded calls answer requests that are not recorded; with `replay_all`,
    cells are replayed whose inputs are as they were. `release` names the release from which
    accepted values count as the first.
    """

    cassettes: Path
    baselines: Path
    reports: Path
    provider: str | None = None
    model: str | None = None
    trials: int | None = None
    design: str | None = None
    combinations: tuple[str, ...] = ()
    accept_baselines: bool = False
    proofs: Path | None = None
    require_isolation: bool = False
    run_unsandboxed: bool = False
    tokenizer: str = ""
    prices: Path | None = None
    counterfactual: Counterfactual = RECORDED
    folder: str = "latest"
    provisional: bool = False
    replay_all: bool = False
    release: str = ""

    @property
    def latest(self) -> Path:
        """The folder of the latest reports."""
        return self.reports / self.folder

    @property
    def is_own_design(self) -> bool:
        """True if the scenario's own series are run, all of which the baseline must have."""
        return self.design is None and not self.combinations

    def applied_to(self, scenario: Scenario) -> Scenario:
        """Apply the overrides to a scenario. Raises `InputError` for an unknown combination."""
        chosen = scenario.combinations
        if not self.is_own_design:
            try:
                designed = designs.DESIGNS[self.design](scenario.factors) if self.design else []
                typed = [designs.parse(text, scenario.factors) for text in self.combinations]
            except ValueError as error:
                where = f"combination, for {scenario.path}"
                raise InputError(problem_in(str(error), where)) from error
            chosen = designs.unique((*designed, *typed))
        return replace(
            scenario,
            provider=provider_name.checked(self.provider or scenario.provider),
            model=self.model or scenario.model,
            trials=self.trials or scenario.trials,
            combinations=chosen,
            tokenizer=scenario.tokenizer or self.tokenizer,
            prices=scenario.prices or self.prices,
            overrides=self._overrides(),
        )

    def _overrides(self) -> tuple[str, ...]:
        """The arguments of `flagbench record` for a recording with these overrides."""
        named = {"--design": self.design, "--model": self.model, "--trials": self.trials}
        arguments = [
            word
            for name, value in named.items()
            if value is not None
            for word in (name, str(value))
        ]
        for combination in self.combinations:
            arguments += ["--combination", combination]
        return tuple(arguments)
