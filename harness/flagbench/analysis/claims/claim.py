"""The file of claims: what the generators' documents claim, and the scenarios that measure it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from flagbench import yaml_lines
from flagbench.errors import InputError, Problem, problems_of
from flagbench.subject import mistaken

PATH = Path("scenarios/claims.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


AMOUNTS = ("tokens", "seconds", "usd", "calls")


def _check_metric(name: str) -> str:
    if name not in AMOUNTS and (expected := mistaken(name, AMOUNTS)):
        raise ValueError(f"unknown metric {name!r}; expected: {expected}")
    return name


MetricName = Annotated[str, AfterValidator(_check_metric)]


class Reduction(_Part):
    """The share by which an amount falls from one combination to another."""

    kind: Literal["reduction"]
    metric: MetricName
    before: str = Field(alias="from")
    after: str = Field(alias="to")
    requests: Literal["all", "changed"] = "all"

    @model_validator(mode="after")
    def _only_tokens_are_measured_by_request(self) -> "Reduction":
        if self.requests == "changed" and self.metric != "tokens":
            raise ValueError("only tokens are measured in the requests that changed")
        return self


class Amount(_Part):
    """An amount for each request of a combination, or a number of the subject's own."""

    kind: Literal["amount"]
    metric: MetricName
    of: str


class Rate(_Part):
    """A rate of a combination; `metric` is a key of a cell's `rates`."""

    kind: Literal["rate"]
    metric: str
    of: str


class Source(_Part):
    """A document that makes claims."""

    title: str
    about: str


class Claim(_Part):
    """A claim: its source, its wording and bounds, and how it is measured or why it is not."""

    id: str
    flag: str
    source: str
    section: str
    quote: str
    low: float | None = None
    high: float | None = None
    measure: Annotated[Reduction | Amount | Rate, Field(discriminator="kind")] | None = None
    scenarios: tuple[str, ...] = Field(default=(), strict=False)
    why_not: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _has_a_measure_or_a_reason(self) -> "Claim":
        if (self.measure is None) != bool(self.why_not):
            raise ValueError("a claim has either a measure or a why_not")
        if self.measure is not None and not self.scenarios:
            raise ValueError("a measured claim names its scenarios")
        if self.measure is not None and self.low is None and self.high is None:
            raise ValueError("a measured claim has low, high or both")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is above high")
        if self.measure is not None and self.measure.kind != "amount":
            bounds = {"low": self.low, "high": self.high}
            above = [name for name, bound in bounds.items() if bound is not None and bound > 1]
            if above:
                kind, names = self.measure.kind, " and ".join(above)
                raise ValueError(f"a {kind} is a fraction of 1; expected: {names} at most 1")
        return self


class _File(_Part):
    sources: Mapping[str, Source]
    claims: tuple[Claim, ...] = Field(strict=False)


def load(path: Path = PATH) -> tuple[Mapping[str, Source], tuple[Claim, ...]]:
    """Load sources and claims, none without the file. Raises `InputError` with all problems."""
    if not path.exists():
        return {}, ()
    document, lines = yaml_lines.read(path)
    try:
        file = _File.model_validate(document)
    except ValidationError as error:
        raise InputError(problems_of(error, lines.where, document=_File)) from error
    problems = list(_inconsistencies(file, lines))
    if problems:
        raise InputError(problems)
    return file.sources, file.claims


def _inconsistencies(file: _File, lines: yaml_lines.Lines) -> Iterator[Problem]:
    seen = set()
    for index, claim in enumerate(file.claims):
        where = lines.where(("claims", index))
        if claim.source not in file.sources:
            expected = ", ".join(file.sources)
            yield Problem(f"unknown source {claim.source!r}", where=where, expected=expected)
        if claim.id in seen:
            yield Problem(f"duplicate claim {claim.id!r}", where=where)
        seen.add(claim.id)
