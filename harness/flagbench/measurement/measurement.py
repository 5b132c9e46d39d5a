"""A cell becomes a `CellResult`: its calls, events and artifacts in numbers."""

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

# Results are written with so many decimals: a microsecond, and a hundred-millionth of a dollar.
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
    found: Sequence[ArtifactProof] = (),
) -> CellResult:
    """Reduce a cell, and what proving its artifacts found, to its numbers."""
    played = [call.interaction for call in run.calls]
    usages = [interaction.usage for interaction in played]
    prompt_tokens = sum(usage.prompt_tokens for usage in usages)
    completion_tokens = sum(usage.completion_tokens for usage in usages)
    usd = price.usd(prompt_tokens, completion_tokens) if price else None
    artifacts = run.outcome.artifacts
    counts = {
        **run.outcome.rates,
        "approval_rate": (sum(one.approved for one in artifacts), len(artifacts)),
        **(artifact_proofs.rates(found) if found else {}),
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
        failed_calls=dict(Counter(one.failure for one in played if one.failure)),
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
            ArtifactResult(one.request_id, one.kind, one.path, one.approved, digest(one.text))
            for one in artifacts
        ],
        refuted=[
            RefutedArtifact(
                request=one.request,
                path=one.path,
                file=one.file,
                approved=one.approved,
                check=one.proof.check,
                message=one.proof.message,
                sha256=digest(one.text),
            )
            for one in found
            if not one.proof.accepted
        ],
        events=dict(Counter(one.event.name for one in run.moments)),
        warnings=[
            str(one.event.fields.get("message", one.event.name))
            for one in run.moments
            if one.event.name.endswith("_warning")
        ],
    )


def digest(text: str) -> str:
    """The sha256 of a generated file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _usage_difference(usages: Iterable[TokenUsage]) -> dict[str, int]:
    """How many tokens more than we count the provider says it used, where it says so."""
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
