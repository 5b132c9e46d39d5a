"""Conversion of a cell run to a `CellResult`: its calls, events and artifacts in numbers."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from flagbench.acceptance import artifact_proofs
from flagbench.acceptance.artifact_proofs import ArtifactProof
from flagbench.cassette.token_usage import TokenUsage
from flagbench.measurement.cell_result import (
    ArtifactResult,
    CellResult,
    Rate,
    RefutedArtifact,
    Usage,
)
from flagbench.measurement.prices import Price
from flagbench.run.cell import CellRun
from flagbench.run.transport import Call

# Decimals of written results: to a microsecond, and to a hundred-millionth of a dollar.
_SECONDS_DECIMALS = 6
USD_DECIMALS = 8
RATE_DECIMALS = 6


def measure(
    run: CellRun,
    *,
    scenario: str,
    combination: str,
    flags: Mapping[str, str],
    requests: int,
    trial: int,
    provider: str,
    model: str,
    tokenizer: str,
    cassette: str,
    price: Price | None,
    proofs: Sequence[ArtifactProof] = (),
) -> CellResult:
    """Compute the numbers of a cell from its run and the proofs of its artifacts."""
    played = [call.interaction for call in run.calls]
    usages = [interaction.usage for interaction in played]
    prompt_tokens = sum(usage.prompt_tokens for usage in usages)
    completion_tokens = sum(usage.completion_tokens for usage in usages)
    usd = price.usd(prompt_tokens, completion_tokens) if price else None
    artifacts = run.outcome.artifacts
    counts = {
        **run.outcome.rates,
        "approval_rate": (sum(artifact.approved for artifact in artifacts), len(artifacts)),
        **(artifact_proofs.rates(proofs) if proofs else {}),
    }
    return CellResult(
        scenario=scenario,
        combination=combination,
        trial=trial,
        provider=provider,
        model=model,
        tokenizer=tokenizer,
        cassette=cassette,
        flags=flags,
        requests=requests,
        calls=len(usages),
        failed_calls=dict(
            Counter(interaction.failure for interaction in played if interaction.failure)
        ),
        cut_off_calls=sum(usage.finish_reason == "length" for usage in usages),
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        tokens=prompt_tokens + completion_tokens,
        usage_difference=_usage_difference(usages),
        seconds=round(run.seconds, _SECONDS_DECIMALS),
        usd=None if usd is None else round(usd, USD_DECIMALS),
        price_since=price.since.isoformat() if price else None,
        by_agent=_usage_by(lambda call: call.agent, run.calls),
        by_phase=_usage_by(lambda call: call.phase, run.calls),
        by_request=_usage_by(lambda call: call.request_id, run.calls),
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
                message=proven.proof.message,
                sha256=digest(proven.text),
            )
            for proven in proofs
            if not proven.proof.accepted
        ],
        events=dict(Counter(timed.event.name for timed in run.events)),
        warnings=[
            *_early_calls(run.unknown_refusals),
            *(
                str(timed.event.fields.get("message", timed.event.name))
                for timed in run.events
                if timed.event.name.endswith("_warning")
            ),
        ],
    )


def _early_calls(count: int) -> tuple[str, ...]:
    """The warning of calls that did not keep the wait of a refusal."""
    if not count:
        return ()
    return (
        f"{count} calls came before the end of the wait that a refusal asked for: the recording "
        "does not say whether the provider would have refused them again",
    )


def digest(text: str) -> str:
    """The SHA-256 of a generated file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _usage_difference(usages: Iterable[TokenUsage]) -> dict[str, int]:
    """The provider's reported tokens minus the counted ones, over the calls that report them."""
    prompt, completion = 0, 0
    for usage in usages:
        if usage.usage_prompt_tokens is not None:
            prompt += usage.usage_prompt_tokens - usage.prompt_tokens
        if usage.usage_completion_tokens is not None:
            completion += usage.usage_completion_tokens - usage.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion}


def _usage_by(key: Callable[[Call], str], calls: Sequence[Call]) -> dict[str, Usage]:
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return {
        name: Usage(
            calls=len(group),
            prompt_tokens=sum(call.interaction.usage.prompt_tokens for call in group),
            completion_tokens=sum(call.interaction.usage.completion_tokens for call in group),
            seconds=round(
                sum(call.ended_seconds - call.started_seconds for call in group),
                _SECONDS_DECIMALS,
            ),
        )
        for name, group in sorted(groups.items())
    }
