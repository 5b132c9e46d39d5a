"""Metrics of a session, named as by the optimisations' authors."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagbench_generators.crud.flags import Flags
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.events import Event

# The authors' "pre-optimization performance", per request.
HISTORICAL_TOKENS = 8000
HISTORICAL_SECONDS = 40.0

_HITS = (events.CACHE_HIT, (events.CACHE_HIT, events.CACHE_MISS))
_CONFIDENT = (events.CONFIDENT_APPROVAL, events.CONFIDENT_REJECTION)


@dataclass(frozen=True, slots=True)
class PerformanceMetrics:
    """Metrics of one request. `total_time` is in seconds; a field is None if its flag is off.

    `test_passed` is always None: the generator does not run its output.
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
    """Metrics of a session. Rates are fractions of 1, None where nothing was counted.

    The reductions are relative to `HISTORICAL_TOKENS` and `HISTORICAL_SECONDS` per request.
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
        """Format the five closing lines of a session; time and tokens are per request."""

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


def by_request(
    history: Sequence[Event], artifacts: Sequence[Artifact]
) -> tuple[PerformanceMetrics, ...]:
    """Compute the metrics of every request of a session from its events and artifacts."""
    request_ids = dict.fromkeys(artifact.request_id for artifact in artifacts)
    return tuple(
        _per_request(
            request_id,
            [event for event in history if event.request_id == request_id],
            [artifact for artifact in artifacts if artifact.request_id == request_id],
        )
        for request_id in request_ids
    )


def _per_request(
    request_id: str, history: Sequence[Event], artifacts: Sequence[Artifact]
) -> PerformanceMetrics:
    counts = Counter(event.name for event in history)
    used, attempted = _templates(history)
    return PerformanceMetrics(
        request_id=request_id,
        total_time=round(_sum(history, events.REQUEST_DONE, "seconds"), 6),
        total_tokens=int(
            _sum(history, events.LLM_CALL, "prompt_tokens")
            + _sum(history, events.LLM_CALL, "completion_tokens")
        ),
        cache_hit=_occurred(counts, *_HITS),
        template_used=used > 0 if attempted else None,
        validation_outcome=_validation_outcome(counts),
        approval_rate=sum(artifact.approved for artifact in artifacts) / len(artifacts),
    )


def rates(history: Sequence[Event]) -> dict[str, tuple[int, int]]:
    """Count the optimisations' decisions, as (part, whole)."""
    counts = Counter(event.name for event in history)
    confident = sum(counts[name] for name in _CONFIDENT)
    return {
        "cache_hit_rate": _share(counts, *_HITS),
        "template_usage_rate": _templates(history),
        "confident_validation_rate": (confident, confident + counts[events.UNCERTAIN]),
    }


def aggregate(
    requests: Sequence[PerformanceMetrics], shares: Mapping[str, tuple[int, int]]
) -> AggregatedMetrics:
    """Aggregate the metrics of a session of at least one request."""
    seconds = math.fsum(request.total_time for request in requests)
    tokens = sum(request.total_tokens for request in requests)
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
        approval_rate=math.fsum(request.approval_rate for request in requests) / len(requests),
    )


def warnings(metrics: AggregatedMetrics, flags: Flags) -> Iterator[tuple[str, float]]:
    """Yield the authors' warnings for the flags that are on, each with the value."""
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


def _sum(history: Sequence[Event], name: str, field: str) -> float:
    return math.fsum(float(event.fields[field]) for event in history if event.name == name)


def _templates(history: Sequence[Event]) -> tuple[int, int]:
    """Count the artifacts written by a template, and those where one was attempted.

    An artifact rejected by review was selected and fell back: the model wrote it in the end.
    """
    names = (events.TEMPLATE_SELECTED, events.TEMPLATE_FALLBACK)
    attempted = {
        (event.request_id, event.fields["kind"]) for event in history if event.name in names
    }
    fallen = {
        (event.request_id, event.fields["kind"]) for event in history if event.name == names[1]
    }
    return len(attempted - fallen), len(attempted)


def _occurred(counts: Counter[str], part: str, whole: tuple[str, ...]) -> bool | None:
    return counts[part] > 0 if any(counts[name] for name in whole) else None


def _share(counts: Counter[str], part: str, whole: tuple[str, ...]) -> tuple[int, int]:
    return counts[part], sum(counts[name] for name in whole)


def _validation_outcome(counts: Counter[str]) -> str | None:
    """Return the least certain of a request's validations."""
    for name in (events.UNCERTAIN, events.CONFIDENT_REJECTION, events.CONFIDENT_APPROVAL):
        if counts[name]:
            return name
    return None
