"""What a scenario may set about the simulated provider; every field has a default and a meaning."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Rate = Annotated[float, Field(ge=0.0, le=1.0)]
"""A probability per answer, from 0 (never) to 1 (always)."""


class ProviderSettings(BaseModel):
    """Settings of the simulated provider, as a scenario's YAML holds them.

    The defaults are a provider on a good day: no rate limit, no outage, no cut-off answer, and the
    defects in written code at the rates that `harness/provider/README.md` documents.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(0, description="Another seed is another provider with the same habits.")
    rate_limit: Rate = Field(0.0, description="Share of calls answered 429 with `retry-after`.")
    server_error: Rate = Field(0.0, description="Share of calls answered 500.")
    cut_off: Rate = Field(0.0, description="Share of answers that end early, `length`.")
    invalid_json: Rate = Field(0.0, description="Share of JSON answers that do not parse.")
    refusals: Rate = Field(0.0, description="Share of answers that politely decline.")
    defects: float = Field(
        1.0,
        ge=0.0,
        description="Multiplies the documented rate of every defect (clipped to 1); 0 writes clean "
        "code and recognises without slips. Reviews and fences are not touched by it.",
    )
    fences: Rate = Field(
        0.75, description="Share of code and patch answers that arrive in a Markdown fence."
    )
    oversights: float = Field(
        1.0,
        ge=0.0,
        description="Multiplies the chance that the reviewer misses a real problem (clipped to 1); "
        "0 is a reviewer who sees everything.",
    )
    false_alarms: Rate = Field(
        0.04, description="Share of reviews of faultless code that reject it all the same."
    )
    latency_scale: float = Field(
        1.0, ge=0.0, description="Multiplies every latency, declared or slept."
    )
