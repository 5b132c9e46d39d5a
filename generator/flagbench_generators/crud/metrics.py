"""Metrics of a session, under the names that the optimisations' authors gave them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from flagbench_generators.crud.flags import Flags
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.events import Event

# The authors' own history, "pre-optimization performance": a request took so much.
HISTORICAL_TOKENS = 8000
HISTORICAL_SECONDS = 40.0

_HITS = (events.CACHE_HIT, (events.CACHE_HIT, events.CACHE_MISS))
_CONFIDENT = (events.CONFIDENT_APPROVAL, events.CONFIDENT_REJECTION)


@dataclass(frozen=True, slots=True)
class PerformanceMetrics:
    """One request. `total_time` is in seconds; a field is None where its flag is off.

    `test_passed` is None: the generator does not run what it writes.
    """

    request_id: str
    total_time: float
    total_tokens: int
    cache_hit: bool | None
    template_used: bool | None
    validation_outcome: str | None
    approval_rate: float
    test_passed: bool | None = None


@dataclass(frozen=True, slots=True)
class AggregatedMetrics:
    """A session. Rates are fractions of 1, None where nothing was counted.

    The reductions are against `HISTORICAL_TOKENS` and `HISTORICAL_SECONDS` a request.
    """

    requests: int
    total_time: float
    total_tokens: int
    cache_hit_rate: float | None
    template_usage_rate: float | None
    confident_validation_rate: float | None
    token_reduction_pct: float
    time_reduction_pct: float
    approval_rate: float
    test_pass_rate: float | None = None

    def summary(self) -> str:
        """The five lines that close a session; time and tokens are per request."""

        def share(rate: float | None) -> str:
            return "n/a" if rate is None else f"{rate:.0%}"

        def against(reduction: float) -> str:
            return f"{'↓' if reduction >= 0 else '↑'}{abs(reduction):.1%} vs baseline"

        seconds = self.total_time / self.requests
        tokens = self.total_tokens / self.requests
        return "\n".join(
            [
                f"Time: {seconds:.1f}s ({against(self.time_reduction_pct)})",
                f"Tokens: {tokens:.0f} ({against(self.token_reduction_pct)})",
                f"Cache hit rate: {share(self.cache_hit_rate)}",
                f"Template usage: {share(self.template_usage_rate)}",
                f"Confident validation: {share(self.confident_validation_rate)}",
            ]
        )


def to_json(requests: Sequence[PerformanceMetrics], session: AggregatedMetrics) -> str:
    """A session and its requests, for historical analysis: keys as the fields are named."""
    return json.dumps(
        {"session": asdict(session), "requests": [asdict(one) for one in requests]}, indent=1
    )


def by_request(
    happened: Sequence[Event], artifacts: Sequence[Artifact]
) -> tuple[PerformanceMetrics, ...]:
    """The metrics of every request of a session, from its events and artifacts."""
    identities = dict.fromkeys(one.request_id for one in artifacts)
    return tuple(
        _per_request(
            identity,
            [event for event in happened if event.request_id == identity],
            [one for one in artifacts if one.request_id == identity],
        )
        for identity in identities
    )


def _per_request(
    request_id: str, happened: Sequence[Event], artifacts: Sequence[Artifact]
) -> PerformanceMetrics:
    counts = Counter(event.name for event in happened)
    used, asked = _templates(happened)
    return PerformanceMetrics(
        request_id=request_id,
        total_time=round(_sum(happened, events.REQUEST_DONE, "seconds"), 6),
        total_tokens=int(
            _sum(happened, events.LLM_CALL, "prompt_tokens")
            + _sum(happened, events.LLM_CALL, "completion_tokens")
        ),
        cache_hit=_known(counts, *_HITS),
        template_used=used > 0 if asked else None,
        validation_outcome=_validation_outcome(counts),
        approval_rate=sum(one.approved for one in artifacts) / len(artifacts),
    )


def rates(happened: Sequence[Event]) -> dict[str, tuple[int, int]]:
    """The shares of the optimisations' decisions, as (part, whole)."""
    counts = Counter(event.name for event in happened)
    confident = sum(counts[name] for name in _CONFIDENT)
    return {
        "cache_hit_rate": _share(counts, *_HITS),
        "template_usage_rate": _templates(happened),
        "confident_validation_rate": (confident, confident + counts[events.UNCERTAIN]),
    }


def aggregate(
    requests: Sequence[PerformanceMetrics], shares: Mapping[str, tuple[int, int]]
) -> AggregatedMetrics:
    """The metrics of a session of one request or more."""
    seconds = sum(one.total_time for one in requests)
    tokens = sum(one.total_tokens for one in requests)
    of = {name: part / whole if whole else None for name, (part, whole) in shares.items()}
    return AggregatedMetrics(
        requests=len(requests),
        total_time=round(seconds, 6),
        total_tokens=tokens,
        cache_hit_rate=of["cache_hit_rate"],
        template_usage_rate=of["template_usage_rate"],
        confident_validation_rate=of["confident_validation_rate"],
        token_reduction_pct=1 - tokens / len(requests) / HISTORICAL_TOKENS,
        time_reduction_pct=1 - seconds / len(requests) / HISTORICAL_SECONDS,
        approval_rate=sum(one.approval_rate for one in requests) / len(requests),
    )


def warnings(metrics: AggregatedMetrics, flags: Flags) -> Iterator[tuple[str, float]]:
    """What the optimisations' authors would warn of, for the flags that are on, with the value."""
    hits, used = metrics.cache_hit_rate, metrics.template_usage_rate
    confident = metrics.confident_validation_rate
    if hits is not None and hits < 0.20:
        yield "cache hit rate below 20 %", hits
    if used is not None and used < 0.70:
        yield "template fallbacks above 30 %", round(1 - used, 6)
    if confident is not None and confident < 0.50:
        yield "confident validation below 50 %", confident
    if flags == Flags.none():
        return
    if metrics.token_reduction_pct < 0.60:
        yield "token reduction below 60 % of 8,000 a request", metrics.token_reduction_pct
    if metrics.time_reduction_pct < 0.50:
        yield "time reduction below 50 % of 40 s a request", metrics.time_reduction_pct


def _sum(happened: Sequence[Event], name: str, field: str) -> float:
    return sum(float(event.fields[field]) for event in happened if event.name == name)


def _templates(happened: Sequence[Event]) -> tuple[int, int]:
    """Artifacts that a template wrote to the end, of those where one could have.

    One that review rejected was selected and fell back: the model wrote it in the end.
    """
    names = (events.TEMPLATE_SELECTED, events.TEMPLATE_FALLBACK)
    asked = {(one.request_id, one.fields["kind"]) for one in happened if one.name in names}
    fallen = {(one.request_id, one.fields["kind"]) for one in happened if one.name == names[1]}
    return len(asked - fallen), len(asked)


def _known(counts: Counter[str], part: str, whole: tuple[str, ...]) -> bool | None:
    return counts[part] > 0 if any(counts[name] for name in whole) else None


def _share(counts: Counter[str], part: str, whole: tuple[str, ...]) -> tuple[int, int]:
    return counts[part], sum(counts[name] for name in whole)


def _validation_outcome(counts: Counter[str]) -> str | None:
    """The least sure of a request's validations."""
    for name in (events.UNCERTAIN, events.CONFIDENT_REJECTION, events.CONFIDENT_APPROVAL):
        if counts[name]:
            return name
    return None
