"""Calls of models in OpenTelemetry's GenAI conventions, with the latency of their spans.

The content is in attributes (`gen_ai.input.messages`, or numbered ones) or in events; a call whose
content was not captured cannot be replayed. Only chats are put together.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.cassette.importing import bodies, chat_form, otel_messages, otlp, times
from flagbench.cassette.importing.exchange import (
    Exchange,
    Located,
    Skipped,
    Unusable,
    read_or_skip,
)
from flagbench.cassette.importing.otlp import Span

NAME = "otel"
fits = otlp.fits
_PARAMETERS = {
    "gen_ai.request.model": "model",
    "gen_ai.request.temperature": "temperature",
    "gen_ai.request.top_p": "top_p",
    "gen_ai.request.max_tokens": "max_tokens",
    "gen_ai.request.frequency_penalty": "frequency_penalty",
    "gen_ai.request.presence_penalty": "presence_penalty",
    "gen_ai.request.stop_sequences": "stop",
    "gen_ai.request.seed": "seed",
    "gen_ai.openai.request.seed": "seed",
    "gen_ai.request.choice.count": "n",
}
_STREAMED = ("gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming")
_CHATS = ("chat", "")


def exchanges(documents: Sequence[Located]) -> Iterator[Exchange | Skipped]:
    """The calls of models among the spans, by their start."""
    for span in otlp.spans_of(documents):
        if "gen_ai.request.model" in span.attributes:
            yield read_or_skip(_exchange, span, place=span.place)


def _exchange(span: Span, place: str) -> Exchange:
    told = span.attributes
    operation = told.get("gen_ai.operation.name") or told.get("llm.request.type") or ""
    if operation not in _CHATS:
        raise Unusable(f"{operation} is not a chat, which is what can be put together from spans")
    if span.is_error:
        raise Unusable("it ended in an error, and has no answer")
    if any(told.get(name) for name in _STREAMED):
        raise Unusable(chat_form.ONLY_ASSEMBLED)
    messages, choices = otel_messages.of_span(span)
    if not messages:
        raise Unusable(chat_form.NOT_CAPTURED)
    request = {
        **{name: told[key] for key, name in _PARAMETERS.items() if told.get(key) is not None},
        "messages": messages,
        **_tools(told),
    }
    answer = chat_form.completion(
        choices,
        model=str(told.get("gen_ai.response.model") or request["model"]),
        usage={
            "prompt_tokens": _first(told, "input_tokens", "prompt_tokens"),
            "completion_tokens": _first(told, "output_tokens", "completion_tokens"),
        },
        completion_id=str(told.get("gen_ai.response.id") or "chatcmpl-imported"),
    )
    return Exchange(
        place=place,
        method="POST",
        url="/chat/completions",
        request_body=bodies.of_json(request),
        status=200,
        headers=chat_form.JSON_HEADERS,
        body=bodies.of_json(answer),
        elapsed_seconds=times.elapsed_seconds(span.start, span.end),
        started_seconds=span.start,
        is_rebuilt=True,
    )


def _first(told: Mapping[str, Any], *names: str) -> Any:
    return next((told[key] for name in names if (key := f"gen_ai.usage.{name}") in told), None)


def _tools(told: Mapping[str, Any]) -> dict[str, Any]:
    definitions = otel_messages.parsed(told.get("gen_ai.tool.definitions"))
    if not definitions:
        definitions = [
            {**function, "parameters": json.loads(function.get("parameters") or "{}")}
            for function in otel_messages.numbered(told, "llm.request.functions")
        ]
    return (
        {"tools": [chat_form.tool(definition) for definition in definitions]} if definitions else {}
    )
