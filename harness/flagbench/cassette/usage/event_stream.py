"""Streamed answers: server-sent events, put together to the answer that they stream."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flagbench.cassette.usage.tally import mapping
from flagbench.cassette.usage.vendor_streams import candidates_of, message_of

Document = dict[str, Any]


def assembled(body: bytes) -> Document | None:
    """The answer that a stream of events makes up; None for any other body."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    events = list(_events(text)) or _listed(text)
    if not events:
        return None
    candidates = candidates_of(events)
    if candidates is not None:
        return candidates
    usage = _usage(events)
    whole = message_of(events) or _last_response(events)
    if whole is None and any(
        str(event.get("type", "")).startswith("response.") for event in events
    ):
        whole = _response_of_deltas(events)
    if whole is not None:
        return {**whole, "usage": usage or None}
    if not any("choices" in event for event in events):
        return {"usage": usage}
    return {"choices": _choices(events), "usage": usage or None}


def _events(text: str) -> Iterator[Document]:
    """The data of the events that are JSON objects. A line ends with CR, LF or both."""
    data: list[str] = []
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            try:
                event = json.loads("\n".join(data))
            except (ValueError, RecursionError):
                event = None
            if isinstance(event, dict):
                yield event
            data = []


def _listed(text: str) -> list[Document]:
    """The events of a stream that is a JSON list, as Gemini sends without `alt=sse`."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [event for event in listed if isinstance(event, dict)] if type(listed) is list else []


def _usage(events: Iterable[Mapping[str, Any]]) -> Document:
    """Usage as it stands at the end: later reports replace the fields of earlier ones."""
    usage: Document = {}
    for event in events:
        for holder in (event, event.get("message"), event.get("response")):
            reported = mapping(holder).get("usage")
            usage.update(
                {name: value for name, value in mapping(reported).items() if value is not None}
            )
    return usage


def _last_response(events: Iterable[Mapping[str, Any]]) -> Document | None:
    """The response of the event that ends a stream of the Responses API."""
    ends = ("response.completed", "response.incomplete", "response.failed")
    ended = [
        event["response"] for event in events if event.get("type") in ends and "response" in event
    ]
    return dict(mapping(ended[-1])) if ended else None


def _response_of_deltas(events: Iterable[Mapping[str, Any]]) -> Document:
    """The response of a stream without its end: the items that are done, and other deltas."""
    items: list[object] = []
    open_texts: list[str] = []
    for event in events:
        kind = str(event.get("type", ""))
        if kind == "response.output_item.done":
            items.append(event.get("item"))
            open_texts = []
        elif kind.endswith(".delta") and isinstance(event.get("delta"), str):
            open_texts.append(event["delta"])
    if open_texts:
        items.append({"type": "message", "content": "".join(open_texts)})
    return {"object": "response", "output": items}


def _choices(events: Iterable[Mapping[str, Any]]) -> list[Document]:
    """The choices of a chat or of a completion, by their index."""
    choices: dict[object, Document] = {}
    for event in events:
        listed = event.get("choices")
        for chunk in listed if isinstance(listed, list) else []:
            part = mapping(chunk)
            choice = choices.setdefault(str(part.get("index", 0)), {})
            _add(
                choice,
                {"message": part.get("delta", part.get("message")), "text": part.get("text")},
            )
            if part.get("finish_reason"):
                choice["finish_reason"] = part["finish_reason"]
    return list(choices.values())


def _add(whole: Document, delta: Mapping[str, Any]) -> None:
    """Add a delta: texts are joined, mappings are merged, items of lists by their index."""
    for name, value in delta.items():
        known = whole.get(name)
        if value is None:
            continue
        if isinstance(value, dict):
            _add(whole.setdefault(name, {}) if isinstance(known, dict | None) else {}, value)
        elif isinstance(value, list):
            whole[name] = _joined(known if isinstance(known, list) else [], value)
        elif isinstance(value, str) and isinstance(known, str) and name not in _NAMES:
            whole[name] = known + value
        else:
            whole[name] = value


# Texts of a chunk that stand for themselves and are not continued.
_NAMES = ("role", "type", "id")


def _joined(known: list[Any], more: Iterable[object]) -> list[Any]:
    """A list with more items: those with the index of a known one are added to it."""
    places = {item["index"]: item for item in known if isinstance(item, dict) and "index" in item}
    for item in more:
        index = mapping(item).get("index")
        if isinstance(item, dict) and isinstance(index, int):
            if index not in places:
                places[index] = {}
                known.append(places[index])
            _add(places[index], item)
        else:
            known.append(item)
    return known
