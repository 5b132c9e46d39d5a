"""Conversion of a cell run to a `CellResult`: its calls, events and artifacts in numbers."""

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from flagbench import tokenizer_choice
from flagbench.acceptance import artifact_proof
from flagbench.acceptance.artifact_proof import ArtifactProof
from flagbench.cassette.usage.token_usage import Amount, Source, TokenUsage, joined
from flagbench.measurement.cell_result import (
    ArtifactResult,
    CellResult,
    Normalised,
    Rate,
    RefutedArtifact,
    ServiceUsage,
    Usage,
)
from flagbench.measurement.dollars import dollars_of
from flagbench.measurement.prices import Price
from flagbench.measurement.proof_message import repeatable
from flagbench.measurement.streams import metrics_of, streamed_calls
from flagbench.run.cell_run import Call, CellRun
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.subject import Metric, Outcome

# Decimals of written results: to a microsecond, and to a hundred-millionth of a dollar.
_SECONDS_DECIMALS = 6
USD_DECIMALS = 8
RATE_DECIMALS = 6


def measure(
    run: CellRun,
    scenario: Scenario,
    combination: Combination,
    trial: int,
    *,
    cassette: str,
    prices: Sequence[Price],
    proofs: Sequence[ArtifactProof] = (),
) -> CellResult:
    """Compute the numbers of a cell from its run and the proofs of its artifacts.

    `cassette` is the digest of the one it was replayed from.
    Raises `CouldNotRun` for a call whose tokens are unknown.
    """
    model_calls = run.model_calls
    played = [call.interaction for call in model_calls]
    by_service = {name: _service_usage(run, name) for name in sorted(scenario.services)}
    usages = [interaction.usage for interaction in played]
    prompt_tokens = sum(usage.prompt_tokens for usage in usages)
    completion_tokens = sum(usage.completion_tokens for usage in usages)
    dollars = dollars_of(usages, scenario.model, prices)
    amounts = {
        "prompt_tokens": [usage.prompt for usage in usages if usage.is_billed],
        "completion_tokens": [usage.completion for usage in usages if usage.is_billed],
    }
    streams = list(streamed_calls(run.calls))
    artifacts = run.outcome.artifacts
    reviews = [artifact.approved for artifact in artifacts if artifact.approved is not None]
    counts = {
        **run.outcome.rates,
        "approval_rate": (sum(reviews), len(reviews)),
        **(artifact_proof.rates(proofs) if proofs else {}),
    }
    return CellResult(
        scenario=scenario.name,
        combination=combination.id,
        trial=trial,
        provider=scenario.provider,
        model=scenario.model,
        tokenizer=tokenizer_choice.name_for(scenario.tokenizer, scenario.model),
        cassette=cassette,
        flags=dict(combination.levels),
        requests=len(scenario.requests),
        calls=len(usages),
        failed_calls=dict(
            Counter(interaction.failure for interaction in played if interaction.failure)
        ),
        cut_off_calls=sum(usage.finish_reason == "length" for usage in usages),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        tokens=prompt_tokens + completion_tokens,
        cached_prompt_tokens=_known_sum(usages, lambda usage: usage.cached_prompt_tokens),
        reasoning_tokens=_known_sum(usages, lambda usage: usage.reasoning_tokens),
        tokens_source={
            **{kind: _source(used) for kind, used in amounts.items()},
            "tokens": _source([amount for used in amounts.values() for amount in used]),
        },
        usage_difference={kind: _difference(used) for kind, used in amounts.items()},
        usage_compared={kind: _compared(used) for kind, used in amounts.items()},
        seconds=None if run.untimed_calls else round(run.seconds, _SECONDS_DECIMALS),
        usd=None if dollars.usd is None else round(dollars.usd, USD_DECIMALS),
        price_since=dollars.since,
        by_agent=_usage_by(lambda call: call.agent, model_calls),
        by_phase=_usage_by(lambda call: call.phase, model_calls),
        by_request=_usage_by(lambda call: call.request_id, model_calls),
        rates={name: Rate(*count) for name, count in counts.items()},
        artifacts=[
            ArtifactResult(
                artifact.request_id,
                artifact.kind,
                artifact.path,
                artifact.approved,
                digest(artifact.text),
            )
            for artifact in artifacts
        ],
        refuted=[
            RefutedArtifact(
                request=proven.request,
                path=proven.path,
                file=proven.file,
                approved=proven.approved,
                check=proven.proof.check,
                message=repeatable(proven.proof.message),
                sha256=digest(proven.text),
            )
            for proven in proofs
            if not proven.proof.accepted
        ],
        events=dict(Counter(timed.event.name for timed in run.events)),
        warnings=[
            *([dollars.obstacle] if dollars.obstacle else []),
            *_untimed_calls(run.untimed_calls, len(run.calls)),
            *_early_calls(run.unknown_refusals),
            *(
                str(timed.event.fields.get("message", timed.event.name))
                for timed in run.events
                if timed.event.name.endswith("_warning")
            ),
        ],
        metrics=own_metrics(run.outcome),
        streams=streams,
        **metrics_of(streams),
        time=run.time,
        steps="",  # packed by the runner of cells, which has the trace
        calls_digest=digest("\n".join(sorted(call.interaction.key for call in run.calls))),
        service_calls=sum(usage.calls for usage in by_service.values()) if by_service else None,
        services=by_service,
        normalised={
            name: _normalised(run, name) for name in dict.fromkeys(map(str, scenario.match))
        },
    )


def _service_usage(run: CellRun, name: str) -> ServiceUsage:
    calls = [call for call in run.calls if call.interaction.service == name]
    return ServiceUsage(
        calls=len(calls),
        failed=sum(call.interaction.failure != "" for call in calls),
        seconds=_latency_seconds(calls),
    )


def _normalised(run: CellRun, rule: str) -> Normalised:
    """The replacements by a rule in the requests of a cell."""
    counts = [dict(call.places).get(rule, 0) for call in run.calls]
    return Normalised(sum(counts), sum(count > 0 for count in counts))


def _untimed_calls(count: int, calls: int) -> tuple[str, ...]:
    """The warning of a cell without time metrics."""
    if not count:
        return ()
    return (
        f"time is unknown: the recording does not have the latency of {count} of {calls} calls",
    )


def _early_calls(count: int) -> tuple[str, ...]:
    """The warning of calls that did not keep the wait of a refusal."""
    if not count:
        return ()
    return (
        f"{count} calls came before the end of the wait that a refusal asked for: the recording "
        "does not say whether the provider would have refused them again",
    )


def own_metrics(outcome: Outcome) -> dict[str, Metric]:
    """The subject's own numbers, by name and sorted; an integer as it comes back from a row."""
    reported = getattr(outcome, "metrics", {})
    return {
        name: Metric(float(value), *words) for name, (value, *words) in sorted(reported.items())
    }


def digest(text: str) -> str:
    """The SHA-256 of a text, such as a generated file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _source(amounts: Iterable[Amount]) -> str:
    """The source of a sum; a call in which nothing of the kind is counted has no say."""
    return joined(
        amount.source for amount in amounts if amount.tokens or amount.source is not Source.COUNTED
    ).value


def _difference(amounts: Sequence[Amount]) -> int:
    """The reported tokens minus the counted ones, over the calls that have both."""
    return sum(
        amount.reported - amount.counted
        for amount in amounts
        if amount.reported is not None and amount.counted is not None
    )


def _compared(amounts: Sequence[Amount]) -> int:
    """The counted tokens of the calls that have reported ones as well."""
    return sum(amount.counted or 0 for amount in amounts if amount.reported is not None)


def _known_sum(
    usages: Sequence[TokenUsage], tokens_of: Callable[[TokenUsage], int | None]
) -> int | None:
    """The sum over the calls that use tokens, None if one of them does not tell, or for none."""
    tokens = [tokens_of(usage) for usage in usages if usage.is_billed]
    known = [count for count in tokens if count is not None]
    return sum(known) if known and len(known) == len(tokens) else None


def _usage_by(key: Callable[[Call], str], calls: Sequence[Call]) -> dict[str, Usage]:
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return {
        name: Usage(
            calls=len(group),
            prompt_tokens=sum(call.interaction.usage.prompt_tokens for call in group),
            completion_tokens=sum(call.interaction.usage.completion_tokens for call in group),
            seconds=_latency_seconds(group),
        )
        for name, group in sorted(groups.items())
    }


def _latency_seconds(calls: Sequence[Call]) -> float | None:
    if any(call.interaction.elapsed_seconds is None for call in calls):
        return None
    seconds = math.fsum(call.ended_seconds - call.started_seconds for call in calls)
    return round(seconds, _SECONDS_DECIMALS)
