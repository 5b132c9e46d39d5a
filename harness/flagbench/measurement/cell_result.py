"""Rows of the result table: a cell in numbers, as it is measured, written and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from flagbench.measurement.streams import StreamedCall
from flagbench.run.time_labels import EXACT
from flagbench.subject import Metric


class Rate(NamedTuple):
    """A count `part` out of `whole`."""

    part: int
    whole: int


NOT_COUNTED = Rate(0, 0)


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage of several calls. `seconds` is the sum of their latencies; parallel calls overlap.

    It is None if one of them is unknown.
    """

    calls: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ServiceUsage:
    """Calls of a service; `failed` ones have a status from 400 on. `seconds` is as of `Usage`."""

    calls: int
    failed: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Normalised:
    """Replacements by a rule of `match`: so many places, in so many requests."""

    places: int
    requests: int


@dataclass(frozen=True, slots=True)
class ArtifactResult:
    """A generated file and the result of the subject's own review, None without one."""

    request_id: str
    kind: str
    path: str
    approved: bool | None
    sha256: str


@dataclass(frozen=True, slots=True)
class RefutedArtifact:
    """A requested file or project that was refuted: the first failed check.

    `request` counts from 1. `file` is the file with the defect.
    """

    request: int
    path: str
    file: str
    approved: bool
    check: str
    message: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CellResult:
    """A cell in numbers.

    `cassette` is the digest of the recording, `price_since` the date of the price. `usd` is None
    without a price, `seconds` if the recording does not have the latency of every call.
    `tokens_source` says for each metric of tokens whether it is `counted`,
    `reported` or `mixed`. `usage_difference` is the provider's count of tokens minus ours, over the
    calls that have both, for which `usage_compared` is ours. `cached_prompt_tokens` and
    `reasoning_tokens` are None where a call does not tell them. Usage is by agent, phase and
    request id; rates and counts of events are by name. `calls_digest` is
    equal for cells of a recording that made the same calls, "" where it is unknown. `metrics` are
    the subject's own, by name. `service_calls` is None where no service is declared; they are none
    of the `calls`. `services` are by name, `normalised` is by rule of the scenario. `streams` are
    the streamed calls whose chunks were timed, in the order of their ends; their mean and median
    (`_p50`) are None where none was measured. `time` says how `seconds` came about: `exact`,
    `events` or `scaled`, see docs/time.md. `steps` are the calls of models and the decisions,
    as `costed_steps` packs them.
    """

    scenario: str
    combination: str
    trial: int
    provider: str
    model: str
    tokenizer: str
    cassette: str
    flags: Mapping[str, str]
    requests: int
    calls: int
    failed_calls: Mapping[str, int]
    cut_off_calls: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    cached_prompt_tokens: int | None
    reasoning_tokens: int | None
    tokens_source: Mapping[str, str]
    usage_difference: Mapping[str, int]
    usage_compared: Mapping[str, int]
    seconds: float | None
    usd: float | None
    price_since: str | None
    by_agent: Mapping[str, Usage]
    by_phase: Mapping[str, Usage]
    by_request: Mapping[str, Usage]
    rates: Mapping[str, Rate]
    artifacts: Sequence[ArtifactResult]
    refuted: Sequence[RefutedArtifact]
    events: Mapping[str, int]
    warnings: Sequence[str]
    calls_digest: str = ""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    service_calls: int | None = None
    services: Mapping[str, ServiceUsage] = field(default_factory=dict)
    normalised: Mapping[str, Normalised] = field(default_factory=dict)
    streams: Sequence[StreamedCall] = field(default_factory=list)
    first_token_seconds: float | None = None
    first_token_seconds_p50: float | None = None
    tokens_per_second: float | None = None
    tokens_per_second_p50: float | None = None
    time: str = EXACT
    steps: str = ""

    @property
    def request_ids(self) -> frozenset[str]:
        """The ids of all requests, also of those that have artifacts and no calls.

        Calls that name no request are none, unless nothing else names one.
        """
        ids = frozenset(self.by_request) | {artifact.request_id for artifact in self.artifacts}
        return ids - {""} or ids

    def amount(self, name: str) -> float | None:
        """An amount of the session, or a number of the subject's own; None without it."""
        if name in self.metrics:
            return self.metrics[name].value
        value: float | None = getattr(self, name, None)
        return value

    def per_request(self, name: str) -> float | None:
        """An amount per request; a number of the subject's own is that of the session."""
        amount = self.amount(name)
        if amount is None or name in self.metrics:
            return amount
        return amount / max(1, self.requests)

    def row(self) -> dict[str, Any]:
        """Convert to plain values for JSON; a rate is (part, whole)."""
        row: dict[str, Any] = _adapter().dump_python(self, warnings=False)
        return row


def from_row(row: object) -> CellResult:
    """Read a cell from a row, without unknown keys. Raises `ValidationError`."""
    return _adapter().validate_python(row)


@cache
def _adapter() -> TypeAdapter[CellResult]:
    return TypeAdapter(CellResult)
