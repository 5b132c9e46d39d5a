"""Messages and answers of a span, in each of the forms that its conventions have had."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.cassette.importing import chat_form
from flagbench.cassette.importing.exchange import Unusable
from flagbench.cassette.importing.otlp import Span

Message = dict[str, Any]
Choices = list[tuple[Message, str]]
_INPUT, _OUTPUT = "gen_ai.input.messages", "gen_ai.output.messages"
_SYSTEM = "gen_ai.system_instructions"
_CHOICE = "gen_ai.choice"
_REASONS = {"tool_call": "tool_calls"}


def of_span(span: Span) -> tuple[list[Message], Choices]:
    """The messages of the request, and those of the answer with the reasons for their ends.

    Both are empty where the content was not captured. Raises `Unusable` for parts that a chat of
    OpenAI's form does not have.
    """
    for told in (span.attributes, *(event.fields for event in span.events)):
        if _INPUT in told:
            system = [{"role": "system", "parts": parsed(told[_SYSTEM])}] if _SYSTEM in told else []
            asked = [*system, *parsed(told[_INPUT])]
            answered = parsed(told.get(_OUTPUT)) or []
            return (
                [made for message in asked for made in _of_parts(message)],
                [
                    (made, _reason(message.get("finish_reason")))
                    for message in answered
                    for made in _of_parts(message)
                ],
            )
    asked = [_of_fields(told) for told in numbered(span.attributes, "gen_ai.prompt")]
    if asked:
        return asked, [
            (_of_fields(told), _reason(told.get("finish_reason")))
            for told in numbered(span.attributes, "gen_ai.completion")
        ]
    return _of_events(span)


def parsed(value: Any) -> Any:
    """A structured value, which an attribute may have as JSON text."""
    return json.loads(value) if isinstance(value, str) else value


def numbered(told: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """The records of attributes such as `gen_ai.prompt.0.role`, in order."""
    records: dict[int, dict[str, Any]] = {}
    for key, value in told.items():
        number, _, name = key.removeprefix(f"{prefix}.").partition(".")
        if key.startswith(f"{prefix}.") and number.isdecimal() and name:
            records.setdefault(int(number), {})[name] = value
    return [records[number] for number in sorted(records)]


def _reason(told: Any) -> str:
    return _REASONS.get(told, told or "stop")


def _of_parts(said: Mapping[str, Any]) -> Iterator[Message]:
    """A message of parts; each result of a tool is a message of its own."""
    texts, calls = list[str](), list[Mapping[str, Any]]()
    for part in said.get("parts") or ():
        match part.get("type"):
            case "text":
                texts.append(part["content"])
            case "tool_call":
                calls.append(
                    chat_form.tool_call(part.get("id"), part["name"], part.get("arguments") or {})
                )
            case "tool_call_response":
                result = part.get("response", part.get("result"))
                text = result if isinstance(result, str) else json.dumps(result)
                yield {"role": "tool", "tool_call_id": part.get("id"), "content": text}
            case other:
                raise Unusable(f"a part of the kind {other}, which cannot be put together")
    if texts or calls or said.get("role") != "tool":
        content: Any = [{"type": "text", "text": text} for text in texts]
        if len(texts) < 2:
            content = texts[0] if texts else None
        yield chat_form.message(str(said.get("role")), content, calls)


def _of_fields(told: Mapping[str, Any]) -> Message:
    """A message of numbered attributes."""
    calls = [
        chat_form.tool_call(call.get("id"), call["name"], call.get("arguments") or "{}")
        for call in numbered(told, "tool_calls")
    ]
    content = told.get("content")
    if isinstance(content, str) and content.startswith("[{"):
        try:
            content = json.loads(content)
        except ValueError:
            content = told["content"]
    made = chat_form.message(str(told.get("role") or "assistant"), content, calls)
    if told.get("tool_call_id"):
        made["tool_call_id"] = told["tool_call_id"]
    return made


def _of_events(span: Span) -> tuple[list[Message], Choices]:
    """The messages of events such as `gen_ai.user.message` and `gen_ai.choice`."""
    asked, answered = list[Message](), Choices()
    for event in span.events:
        told = {**event.fields, **(parsed(event.fields.get("gen_ai.event.content")) or {})}
        if event.name == _CHOICE:
            said = parsed(told.get("message")) or told
            made = chat_form.message("assistant", said.get("content"), _calls(said))
            answered.append((made, _reason(told.get("finish_reason"))))
        elif event.name.startswith("gen_ai.") and event.name.endswith(".message"):
            role = event.name.split(".")[1]
            made = chat_form.message(role, told.get("content"), _calls(told))
            asked.append({**made, "tool_call_id": told["id"]} if role == "tool" else made)
        elif event.name == "gen_ai.content.prompt":
            asked += parsed(told["gen_ai.prompt"])
        elif event.name == "gen_ai.content.completion":
            answered += [(said, "stop") for said in parsed(told["gen_ai.completion"])]
    return asked, answered


def _calls(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The calls of tools, whose arguments were captured."""
    calls: Sequence[Mapping[str, Any]] = parsed(told.get("tool_calls")) or ()
    if not all("arguments" in (call.get("function") or {}) for call in calls):
        raise Unusable(chat_form.NOT_CAPTURED)
    return calls
