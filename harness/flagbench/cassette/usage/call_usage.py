"""The usage of a call: counted by the shape of its API, else as the provider reports it."""

import json
from collections.abc import Mapping
from typing import Any

from flagbench import tokenizer_choice
from flagbench.cassette.usage import (
    chat,
    completions,
    embeddings,
    event_stream,
    gemini,
    messages,
    responses,
)
from flagbench.cassette.usage.counts import Counts, Shape
from flagbench.cassette.usage.no_tokens import reason_for_none
from flagbench.cassette.usage.reported import Reported, reported
from flagbench.cassette.usage.tally import Tally
from flagbench.cassette.usage.token_usage import Amount, Source, TokenUsage, UnknownUsage, unbilled

# The first whose path ends a call's; a chat's path ends like that of a completion.
SHAPES: tuple[Shape, ...] = (chat, responses, completions, embeddings, messages, gemini)
_WITHOUT_REASONING: tuple[Shape | None, ...] = (completions, embeddings)
Document = Mapping[str, Any]


def usage_of(
    method: str,
    path: str,
    status: int,
    request_body: bytes,
    response_body: bytes,
    *,
    tokenizer: str,
) -> TokenUsage | UnknownUsage:
    """Count the tokens of a call, or read what the provider reports; none for an error.

    `tokenizer` is the name of the project's choice, "" for that of the model. Raises what
    `tokenizer_choice.counter` does.
    """
    if not 200 <= status < 300 or reason_for_none(method, path):
        return unbilled(status)
    parsed = _parse(request_body)
    request = parsed or {}
    answer = _parse(response_body) or event_stream.assembled(response_body) or {}
    # A form or a file names its model where nothing here looks for it.
    model = path if parsed is None else str(parsed.get("model") or gemini.model_of(path))
    shape = _shape(path, request, answer)
    encoding = shape.DEFAULT_ENCODING if shape else None
    counter = tokenizer_choice.for_call(tokenizer, model, default=encoding)
    counts = Counts(*(Tally(counter, model) for _ in range(3)))
    finish_reason = _count(shape, request, answer, counts)
    report = reported(answer.get("usage") or answer.get("usageMetadata"))
    if report.reasoning or (
        report.reasoning is None
        and shape not in _WITHOUT_REASONING
        and tokenizer_choice.reasons_unseen(model)
    ):
        counts.completion.cannot_count("hidden reasoning")
    # A count below the cached tokens has missed something.
    prompt = _amount(counts.prompt, report.prompt, at_least=report.cached or 0)
    completion = _amount(counts.completion, report.completion, may_be_empty=shape is None)
    if prompt is None:
        return _unknown("prompt", counts.prompt)
    if completion is None:
        return _unknown("completion", counts.completion)
    return TokenUsage(
        status=status,
        finish_reason=finish_reason,
        model=model,
        prompt=prompt,
        completion=completion,
        cached_prompt_tokens=0 if shape in _WITHOUT_REASONING else report.cached,
        reasoning_tokens=0 if shape in _WITHOUT_REASONING else _reasoning(report, counts),
    )


def _shape(path: str, request: Document, answer: Document) -> Shape | None:
    """The API of a call: that of its path, or any other whose answer it has; None for none."""
    plain = path.partition("?")[0]
    ordered = sorted(SHAPES, key=lambda shape: not plain.endswith(shape.PATH))
    return next((shape for shape in ordered if shape.fits(request, answer)), None)


def _count(shape: Shape | None, request: Document, answer: Document, counts: Counts) -> str:
    """Count a call by its shape. Returns the finish reason."""
    obstacle = "a call of this kind"
    try:
        if shape is not None:
            return shape.count(request, answer, counts)
    except RecursionError:
        obstacle = "a call that is nested too deeply"
    for tally in (counts.prompt, counts.completion):
        tally.cannot_count(obstacle)
    return ""


def _amount(
    tally: Tally, reported_tokens: int | None, *, at_least: int = 0, may_be_empty: bool = False
) -> Amount | None:
    """The counted tokens; the reported ones where not all is counted; None without either.

    A report of 0 tokens for what is there is not a figure, unless it `may_be_empty`.
    """
    counted = tally.total
    if counted is not None and counted >= at_least:
        return Amount(counted, Source.COUNTED, counted, reported_tokens)
    if reported_tokens or (reported_tokens == 0 and may_be_empty):
        return Amount(reported_tokens, Source.REPORTED, counted, reported_tokens)
    return None


def _reasoning(report: Reported, counts: Counts) -> int | None:
    """The reasoning that is reported, or that is visible; unknown where neither is there."""
    return report.reasoning if report.reasoning is not None else counts.reasoning.total or None


def _unknown(kind: str, tally: Tally) -> UnknownUsage:
    return UnknownUsage(
        f"the tokens of its {kind} are unknown: {tally.obstacle} cannot be counted, "
        "and the provider reports no usage"
    )


def _parse(body: bytes) -> Document | None:
    """The JSON object of a body, None for any other body."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
