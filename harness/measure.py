"""A cell becomes a `Measurement`: its calls, events and artifacts in numbers."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.acceptance import findings
from harness.acceptance.findings import Finding
from harness.prices import Price
from harness.run import CellRun
from harness.token_usage import TokenUsage
from harness.transport import Call

# Results are written with so many decimals: a microsecond, and a hundred-millionth of a dollar.
_SECONDS_DECIMALS = 6
USD_DECIMALS = 8
RATE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Usage:
    """What some calls used. `seconds` is the sum of their latencies; parallel calls overlap."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """One cell in numbers. `rates` are (part, whole), `usage_difference` is provider minus us.

    `refuted` are the files or projects asked for that did not stand the proof, with the first
    failed check and the `file` to look at.
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
    usage_difference: Mapping[str, int]
    seconds: float
    usd: float | None
    price_since: str | None
    by_agent: Mapping[str, Usage]
    by_phase: Mapping[str, Usage]
    by_request: Mapping[str, Usage]
    rates: Mapping[str, tuple[int, int]]
    artifacts: Sequence[Mapping[str, Any]]
    refuted: Sequence[Mapping[str, Any]]
    events: Mapping[str, int]
    warnings: Sequence[str]

    def row(self) -> dict[str, Any]:
        """The cell as a row of the result table: plain values only."""
        return asdict(self)


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
    found: Sequence[Finding] = (),
) -> Measurement:
    """Reduce a cell, and what proving its artifacts found, to its numbers."""
    played = [call.interaction for call in run.calls]
    usages = [interaction.usage for interaction in played]
    prompt_tokens = sum(usage.prompt_tokens for usage in usages)
    completion_tokens = sum(usage.completion_tokens for usage in usages)
    usd = price.usd(prompt_tokens, completion_tokens) if price else None
    artifacts = run.outcome.artifacts
    rates = {name: (part, whole) for name, (part, whole) in run.outcome.rates.items()}
    rates["approval_rate"] = (sum(one.approved for one in artifacts), len(artifacts))
    if found:
        rates |= findings.rates(found)
    return Measurement(
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
        rates=rates,
        artifacts=[
            {
                "request_id": one.request_id,
                "kind": one.kind,
                "path": one.path,
                "approved": one.approved,
                "sha256": digest(one.text),
            }
            for one in artifacts
        ],
        refuted=[
            {
                "request": one.request,
                "path": one.path,
                "file": one.file,
                "approved": one.approved,
                "check": one.proof.check,
                "message": one.proof.message,
                "sha256": digest(one.text),
            }
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
