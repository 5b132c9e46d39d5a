"""Answers that a client cannot use: the provider's fault, never kept and never played."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# The list that a successful answer of an endpoint has.
_LISTS = {
    "/chat/completions": "choices",
    "/completions": "choices",
    "/embeddings": "data",
    "/responses": "output",
    "/messages": "content",
    ":generateContent": "candidates",
    ":streamGenerateContent": "candidates",
}
_ALWAYS_STREAMED = ":streamGenerateContent"
_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed", "message_stop")
EVENT_STREAM = "text/event-stream"
# A value of JSON in each line, sent when it is known.
JSON_LINES = (
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    "application/jsonlines", "application/stream+json",
)  # fmt: skip
_WITHOUT_BODY = (204, 205)

EXPECTED = "an answer as the provider's API describes it"


def fault_of(
    *,
    method: str,
    path: str,
    request_body: bytes,
    status: int,
    headers: Mapping[str, tuple[str, ...]],
    body: bytes,
) -> str:
    """The fault of an answer; "" for a usable one, and for any error status."""
    if not 200 <= status < 300:
        return ""
    # Gateways put more before the endpoint, such as a deployment's name.
    address = path.partition("?")[0] if method == "POST" else ""
    endpoint = next((end for end in _LISTS if address.endswith(end)), "")
    required = _LISTS.get(endpoint)
    content_type = "".join(headers.get("content-type", ())[:1]).partition(";")[0].strip().lower()
    is_stream = asks_for_stream(request_body) if required else content_type == EVENT_STREAM
    is_stream = is_stream or (endpoint == _ALWAYS_STREAMED and content_type == EVENT_STREAM)
    if is_stream and required != "data":
        return _fault_of_stream(body)
    if not body:
        is_right = not required and status in _WITHOUT_BODY
        return "" if is_right else f"it has status {status} and no body"
    if content_type in JSON_LINES and not required:
        return _fault_of_lines(body)
    if required or content_type.endswith("json"):
        return _fault_of_json(body, required, is_chat=endpoint == "/chat/completions")
    return "it is an HTML page" if content_type == "text/html" else ""


def asks_for_stream(request_body: bytes) -> bool:
    """True for a request in JSON that says so."""
    try:
        request = json.loads(request_body)
    except (ValueError, RecursionError):
        return False
    return isinstance(request, dict) and request.get("stream") is True


def _fault_of_json(body: bytes, required: str | None, *, is_chat: bool) -> str:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        start = body[:40].decode("ascii", "backslashreplace")
        return f"it is not JSON ({error}): {start!r}"
    if required == "candidates" and isinstance(answer, list):
        return "" if any(_is_last(event) for event in answer) else "its list of events breaks off"
    fault = _fault_of_list(answer, required) if required else ""
    if fault or not is_chat:
        return fault
    messages = [choice.get("message") for choice in answer["choices"]]
    are_objects = all(isinstance(message, dict) for message in messages)
    return "" if are_objects else f"its messages are {_short(messages)} in place of objects"


def _fault_of_list(answer: Any, required: str) -> str:
    if not isinstance(answer, dict):
        return f"it is {_short(answer)} in place of an object"
    listed = answer.get(required)
    if required == "candidates" and _is_refused(answer):
        return ""
    if not isinstance(listed, list):
        return f"it has no {required!r}"
    if required in ("choices", "candidates") and not listed:
        return f"its list {required!r} is empty"
    are_objects = all(isinstance(item, dict) for item in listed)
    return "" if are_objects else f"its {required!r} are {_short(listed)} in place of objects"


def _fault_of_lines(body: bytes) -> str:
    for number, line in enumerate(body.splitlines(), start=1):
        try:
            json.loads(line or b"null")
        except (ValueError, RecursionError) as error:
            return f"line {number} of its stream is not JSON ({error})"
    return ""


def _fault_of_stream(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return f"it is an event stream that is not UTF-8 ({error})"
    is_ended, count = False, 0
    for data in events_of(text):
        if data.startswith("[DONE]"):
            is_ended = True
            break
        count += 1
        try:
            is_ended = _is_last(json.loads(data)) or is_ended
        except (ValueError, RecursionError) as error:
            return f"event {count} of its stream is not JSON ({error})"
    if not count:
        is_empty = is_ended or not body
        return "it is an event stream without an event" if is_empty else "it is not an event stream"
    return "" if is_ended else "its event stream breaks off"


def streams_error(body: bytes) -> bool:
    """True for an event stream with an event that is an error, at which its client raises one."""
    if b'"error"' not in body and b"response.failed" not in body:
        return False
    return any(map(_is_error, events_of(body.decode("utf-8", "replace"))))


def _is_error(data: str) -> bool:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(event, dict) and (
        bool(event.get("error")) or event.get("type") in ("error", "response.failed")
    )


def _is_last(event: Any) -> bool:
    """True for an event after which nothing is missing, also for an error."""
    if not isinstance(event, dict):
        return False
    has_finished = any(
        isinstance(choice, dict) and bool(choice.get(reason))
        for choices, reason in (("choices", "finish_reason"), ("candidates", "finishReason"))
        for choice in _list(event.get(choices))
    )
    is_end = bool(event.get("error")) or event.get("type") in (*_LAST_EVENTS, "error")
    return has_finished or is_end or _is_refused(event)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_refused(answer: Mapping[str, Any]) -> bool:
    """True where Gemini refuses the prompt: it has no candidates then."""
    feedback = answer.get("promptFeedback")
    return isinstance(feedback, dict) and bool(feedback.get("blockReason"))


def events_of(text: str) -> Iterator[str]:
    """The data of each event in an event stream, of which a line without an end is a part too."""
    data: list[str] = []
    for line in (*re.split(r"\r\n|\r|\n", text), ""):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
