"""Runs that were exported from LangSmith, with the latency of each.

Runs of the type `llm` are calls: those of the OpenAI wrapper have the request and the answer as
they were, those of LangChain its messages. All others are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.cassette.importing import bodies, chat_form, times
from flagbench.cassette.importing.endpoints import endpoint_of
from flagbench.cassette.importing.exchange import (
    Exchange,
    Located,
    Skipped,
    Unusable,
    read_or_skip,
)

NAME = "langsmith"
_ROLES = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant", "chat": "user"}
# Of LangChain's own, beside the parameters that it sends.
_NOT_SENT = ("_type", "model_name", "stop")


def fits(value: Any) -> bool:
    """True for a run, or a document with a list of them."""
    return isinstance(value, dict) and ("run_type" in value or isinstance(value.get("runs"), list))


def exchanges(documents: Sequence[Located]) -> Iterator[Exchange | Skipped]:
    """The calls of runs by their start: an export may begin with the latest."""
    runs = [run for document in documents for run in _runs(document)]
    for place, run in sorted(
        runs, key=lambda run: times.epoch_seconds(run[1].get("start_time")) or 0
    ):
        if run.get("run_type") == "llm":
            yield read_or_skip(_exchange, run, place=place)


def _runs(document: Located) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A run with those inside it, or those of a list."""
    value = document.value
    for run in value["runs"] if "run_type" not in value else (value,):
        if isinstance(run, dict):
            yield f"{document.place} run {run.get('id', '')}".rstrip(), run
            for child in run.get("child_runs") or ():
                yield from _runs(Located(document.place, {"runs": [child]}))


def _exchange(run: Mapping[str, Any], place: str) -> Exchange:
    if run.get("error"):
        raise Unusable("it ended in an error, and has no answer")
    inputs, outputs = run.get("inputs") or {}, run.get("outputs") or {}
    extra = run.get("extra") or {}
    if not inputs or not outputs:
        raise Unusable(chat_form.NOT_CAPTURED)
    parameters = {
        name: value
        for name, value in (extra.get("invocation_params") or {}).items()
        if value is not None and name not in _NOT_SENT
    }
    is_as_sent = "generations" not in outputs and "model" in inputs
    request = _as_sent(inputs) if is_as_sent else _request(inputs, parameters)
    if request.get("stream"):
        raise Unusable(chat_form.ONLY_ASSEMBLED)
    answer = _answer(outputs, str(request.get("model", "")))
    return Exchange(
        place=place,
        method="POST",
        url=endpoint_of(request, answer),
        request_body=bodies.of_json(dict(request)),
        status=200,
        headers=chat_form.JSON_HEADERS,
        body=bodies.of_json(answer),
        elapsed_seconds=times.elapsed_seconds(run.get("start_time"), run.get("end_time")),
        started_seconds=times.epoch_seconds(run.get("start_time")),
        is_rebuilt=not is_as_sent,
    )


def _as_sent(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the arguments of a call: those of the client alone are not sent."""
    own = ("extra_headers", "extra_query", "extra_body", "timeout")
    body = {name: value for name, value in inputs.items() if name not in own}
    return {**body, **(inputs.get("extra_body") or {})}


def _request(inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The request of LangChain's messages, with its parameters."""
    messages = inputs.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Unusable("a run without messages")
    if isinstance(messages[0], list):
        if len(messages) > 1:
            raise Unusable("a run of several prompts at once")
        messages = messages[0]
    if "model" not in parameters:
        raise Unusable("the export does not have its model (extra.invocation_params.model)")
    return {**parameters, "messages": [_message(said) for said in messages]}


def _answer(outputs: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The answer as OpenAI's API gives it."""
    if _is_whole(outputs):
        return _with_usage(outputs)
    generations = outputs.get("generations") or ()
    if generations and isinstance(generations[0], list):
        generations = generations[0]
    if not generations and "role" in outputs:
        generations = [{"message": outputs}]
    usage = (outputs.get("llm_output") or {}).get("token_usage") or {}
    choices = [(_message(made.get("message") or {}), _reason(made)) for made in generations]
    return chat_form.completion(choices, model=model, usage=usage)


def _is_whole(outputs: Mapping[str, Any]) -> bool:
    """True for the answer of an API: a completion, a response, or a message of Anthropic's."""
    has_list = any(isinstance(outputs.get(name), list) for name in ("choices", "output"))
    return has_list or outputs.get("type") == "message"


def _with_usage(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with the usage that the wrapper moved to `usage_metadata`."""
    answer = {name: value for name, value in outputs.items() if name != "usage_metadata"}
    told = outputs.get("usage_metadata") or {}
    counts = told.get("input_tokens"), told.get("output_tokens")
    if answer.get("usage") or not all(isinstance(count, int) for count in counts):
        return answer
    if "choices" in answer:
        return {**answer, "usage": chat_form.usage_of(*counts)}
    return {**answer, "usage": dict(zip(("input_tokens", "output_tokens"), counts, strict=True))}


def _reason(made: Mapping[str, Any]) -> str:
    told = (made.get("generation_info") or {}).get("finish_reason")
    metadata = _fields(made.get("message") or {}).get("response_metadata") or {}
    return str(told or metadata.get("finish_reason") or "stop")


def _fields(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a message: plain, serialised by LangChain, or with its type and data."""
    fields: Mapping[str, Any] = said.get("kwargs") or said.get("data") or said
    return fields


def _message(said: Mapping[str, Any]) -> dict[str, Any]:
    """A message of LangChain in OpenAI's form, as LangChain sends it."""
    fields = _fields(said)
    kind = fields.get("role") or fields.get("type") or said.get("type")
    if not isinstance(kind, str) or kind == "constructor":
        kind = (
            str((said.get("id") or [""])[-1]).removesuffix("Chunk").removesuffix("Message").lower()
        )
    more = fields.get("additional_kwargs") or {}
    calls = more.get("tool_calls") or [
        call if "function" in call
        else chat_form.tool_call(call.get("id"), call["name"], call.get("args", {}))
        for call in fields.get("tool_calls") or ()
    ]  # fmt: skip
    made = chat_form.message(_ROLES.get(kind, kind), fields.get("content"), calls)
    kept = ("name", "tool_call_id")
    return {**made, **{name: fields[name] for name in kept if fields.get(name)}}
