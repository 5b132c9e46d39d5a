"""Spans and log records of OpenTelemetry's JSON: OTLP, and what the console exporter writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flagbench.cassette.importing import times
from flagbench.cassette.importing.exchange import Located


@dataclass(frozen=True, slots=True)
class Event:
    """A named event with its fields, from a span or a log."""

    name: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Span:
    """A span with plain attributes; `key` is that of the log records that belong to it."""

    place: str
    key: str
    name: str
    attributes: Mapping[str, Any]
    start: float | None
    end: float | None
    is_error: bool
    events: list[Event] = field(default_factory=list)


def fits(value: Any) -> bool:
    """True for a document with spans or log records."""
    if not isinstance(value, dict):
        return False
    is_console = isinstance(value.get("context"), dict) and "attributes" in value
    return is_console or any(isinstance(value.get(name), list) for name in _ROOTS)


_ROOTS = ("resourceSpans", "resourceLogs")


def spans_of(documents: Sequence[Located]) -> list[Span]:
    """All spans by their start, each with its events, also of logs in another file."""
    spans, logged = [], dict[str, list[Event]]()
    for place, value in documents:
        if "context" in value:
            spans.append(_of_console(place, value))
        traced = _records(value, "resourceSpans", "scopeSpans", "spans")
        spans += [_of_otlp(place, raw) for raw in traced]
        for raw in _records(value, "resourceLogs", "scopeLogs", "logRecords"):
            logged.setdefault(str(raw.get("spanId")), []).append(_log_event(raw))
    for span in spans:
        span.events += logged.get(span.key, [])
    return sorted(spans, key=lambda span: span.start or 0.0)


def _records(value: Mapping[str, Any], *names: str) -> Iterator[Mapping[str, Any]]:
    """The innermost of lists in lists."""
    for inner in value.get(names[0]) or ():
        if len(names) == 1:
            yield inner
        else:
            yield from _records(inner, *names[1:])


def _of_otlp(place: str, raw: Mapping[str, Any]) -> Span:
    status = (raw.get("status") or {}).get("code")
    return Span(
        place=f"{place}: span {raw.get('spanId', '')}",
        key=str(raw.get("spanId")),
        name=str(raw.get("name", "")),
        attributes=_attributes(raw.get("attributes")),
        start=_seconds(raw.get("startTimeUnixNano")),
        end=_seconds(raw.get("endTimeUnixNano")),
        is_error=status in (2, "STATUS_CODE_ERROR"),
        events=[
            Event(str(event.get("name")), _attributes(event.get("attributes")))
            for event in raw.get("events") or ()
        ],
    )


def _of_console(place: str, raw: Mapping[str, Any]) -> Span:
    key = str(raw["context"].get("span_id", ""))
    return Span(
        place=f"{place}: span {key}",
        key=key,
        name=str(raw.get("name", "")),
        attributes=raw["attributes"] or {},
        start=times.epoch_seconds(raw.get("start_time")),
        end=times.epoch_seconds(raw.get("end_time")),
        is_error=(raw.get("status") or {}).get("status_code") == "ERROR",
        events=[
            Event(str(event.get("name")), event.get("attributes") or {})
            for event in raw.get("events") or ()
        ],
    )


def _log_event(raw: Mapping[str, Any]) -> Event:
    attributes = _attributes(raw.get("attributes"))
    name = raw.get("eventName") or attributes.get("event.name") or ""
    body = _value(raw.get("body") or {})
    return Event(str(name), {**attributes, **(body if isinstance(body, dict) else {})})


def _seconds(nanoseconds: Any) -> float | None:
    """Seconds since the epoch; to a microsecond, which is what a float holds."""
    try:
        return int(nanoseconds) / 1e9 or None
    except (TypeError, ValueError):
        return None


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair["key"]: _value(pair.get("value") or {}) for pair in pairs or ()}


def _value(value: Mapping[str, Any]) -> Any:
    """A value of OTLP, which names its type, as a plain one."""
    if "kvlistValue" in value:
        return _attributes((value["kvlistValue"] or {}).get("values"))
    if "arrayValue" in value:
        return [_value(item) for item in (value["arrayValue"] or {}).get("values") or ()]
    if "intValue" in value:
        return int(value["intValue"])
    return next((inner for name, inner in value.items() if name.endswith("Value")), None)
