"""Settings of the simulated provider: one frozen model, every field with a default."""

from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

SIMULATED = "simulated"
"""The provider's name in scenarios, reports and the paths of cassettes."""

Rate = Annotated[float, Field(ge=0.0, le=1.0)]
"""A probability per answer, from 0 (never) to 1 (always)."""

_EVERY_TRIAL = ("seed", "rates", "by_trial")
"""Fields that `by_trial` cannot set."""


class ProviderSettings(BaseModel):
    """Settings of the simulated provider, as they are written in a scenario's YAML.

    The defaults are a provider on a good day: no rate limit, no outage, no cut-off answer, and the
    defects in written code at the rates that `harness/flagbench/simulator/README.md` documents.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(0, description="Another seed is another provider with the same habits.")
    rate_limit: Rate = Field(0.0, description="Share of calls answered 429 with `retry-after`.")
    server_error: Rate = Field(0.0, description="Share of calls answered 500.")
    hang: Rate = Field(
        0.0, description="Share of calls without an answer: after ten minutes a gateway sends 504."
    )
    disconnect: Rate = Field(0.0, description="Share of calls whose connection is closed.")
    cut_off: Rate = Field(
        0.0, description="Share of answers that end early, with `finish_reason: length`."
    )
    invalid_json: Rate = Field(
        0.0, description="Share of JSON answers that do not parse, also by a schema."
    )
    refusals: Rate = Field(0.0, description="Share of answers that politely decline.")
    defects: float = Field(
        1.0,
        ge=0.0,
        description="Multiplies the documented rate of every defect (clipped to 1); 0 writes clean "
        "code and recognises without errors. Reviews and fences do not depend on it.",
    )
    fences: Rate = Field(
        0.75, description="Share of code and patch answers that arrive in a Markdown fence."
    )
    oversights: float = Field(
        1.0,
        ge=0.0,
        description="Multiplies the chance that the reviewer misses a real problem (clipped to 1); "
        "with 0 it reports every one.",
    )
    false_alarms: Rate = Field(
        0.04, description="Share of reviews of faultless code that reject it."
    )
    rates: dict[str, Rate] = Field(
        {},
        description="Rates of CRUD defects by name in place of the documented ones: for a scenario "
        "about a defect, not about a model.",
    )
    latency_scale: float = Field(
        1.0, ge=0.0, description="Multiplies every latency, declared or slept."
    )
    by_trial: dict[str, Annotated[list[float], Field(min_length=1)]] = Field(
        {},
        description="Settings that differ by trial: for each a list of values, one a trial; the "
        "last value holds for all trials after it. One scenario can thus sweep a rate.",
    )

    @model_validator(mode="after")
    def _check_rates(self) -> "ProviderSettings":
        """Raise ValueError for a rate of a defect that is not listed."""
        if self.rates:
            # Other settings are read without the writers, which take a while to import.
            from flagbench.simulator.crud.defects import DEFECTS  # noqa: PLC0415

            known = [defect.name for defect in DEFECTS]
            for name in self.rates:
                if name not in known:
                    expected = get_close_matches(name, known, n=1) or known
                    what = f"rates: {name!r} is not a defect of CRUD files"
                    raise ValueError(f"{what}; expected: {', '.join(expected)}")
        return self

    @model_validator(mode="after")
    def _check(self) -> "ProviderSettings":
        """Validate each trial's values as settings; raises ValueError for an unknown name."""
        known = [field for field in ProviderSettings.model_fields if field not in _EVERY_TRIAL]
        for name in self.by_trial:
            if name not in known:
                close = get_close_matches(name, known, n=1) or known
                what = f"by_trial: {name!r} is not a setting that can differ by trial"
                raise ValueError(f"{what}; expected: {', '.join(close)}")
        for trial in range(max(map(len, self.by_trial.values()), default=0)):
            self.in_trial(trial + 1)
        return self

    def values_by_trial(self, trials: int) -> dict[str, list[float]]:
        """Values of the settings that differ by trial: a list of `trials` values for each name."""
        return {
            name: [values[min(trial, len(values) - 1)] for trial in range(trials)]
            for name, values in self.by_trial.items()
        }

    def in_trial(self, trial: int) -> "ProviderSettings":
        """Settings of one trial, counted from 1, without `by_trial`."""
        values = {name: row[-1] for name, row in self.values_by_trial(trial).items()}
        return ProviderSettings.model_validate({**self.model_dump(exclude={"by_trial"}), **values})
