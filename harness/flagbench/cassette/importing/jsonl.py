"""Logs of request and response pairs, one JSON object a line, or a list of them.

A line is `{"request": …, "response": …}` with bodies or with whole HTTP messages, a line of the
input or the output of OpenAI's batches (joined by `custom_id`, in the order of the input), or an
entry of LiteLLM's log.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.cassette.importing import bodies, times
from flagbench.cassette.importing.endpoints import base_of, endpoint_of
from flagbench.cassette.importing.exchange import (
    Exchange,
    Headers,
    Located,
    Skipped,
    Unusable,
    lowered,
    read_or_skip,
)

NAME = "jsonl"
_BODY_KEYS = ("body", "json", "content", "text")
_LATENCIES = {
    "elapsed_seconds": 1.0, "latency_seconds": 1.0, "duration_seconds": 1.0,
    "elapsed_ms": 1000.0, "latency_ms": 1000.0, "duration_ms": 1000.0,
}  # fmt: skip
_START_AND_END = (("start_time", "end_time"), ("startTime", "endTime"))


def fits(value: Any) -> bool:
    """True for a record of such a log."""
    if not isinstance(value, dict):
        return False
    return ("response" in value and bool({"request", "messages"} & value.keys())) or (
        "custom_id" in value and bool({"body", "response"} & value.keys())
    )


def exchanges(documents: Sequence[Located]) -> Iterator[Exchange | Skipped]:
    """The pairs of logs, in order; those of batches in the order of their requests."""
    answers = {
        record["custom_id"]: record
        for _, record in documents
        if "custom_id" in record and "body" not in record
    }
    asked = set()
    for place, record in documents:
        if "custom_id" not in record:
            yield read_or_skip(_pair, record, place=place)
        elif "body" in record:
            name = record["custom_id"]
            asked.add(name)
            yield read_or_skip(_of_batch, record, answers.get(name), place=place)
    for place, record in documents:
        if "custom_id" in record and "body" not in record and record["custom_id"] not in asked:
            yield Skipped(place, "an answer of a batch without its request: import the input, too")


def _of_batch(request: Mapping[str, Any], answer: Mapping[str, Any] | None, place: str) -> Exchange:
    if answer is None:
        raise Unusable("a request of a batch without its answer: import the output, too")
    if not answer.get("response"):
        raise Unusable(f"the batch has no answer: {json.dumps(answer.get('error'))[:200]}")
    status, headers, body = _answer(answer["response"])
    return Exchange(
        place=place,
        method=request.get("method", "POST"),
        url=request["url"],
        request_body=bodies.of_json(request["body"]),
        status=status,
        headers=headers,
        body=body,
    )


def _pair(record: Mapping[str, Any], place: str) -> Exchange:
    is_rebuilt = "request" not in record
    request = _logged_request(record) if is_rebuilt else record["request"]
    response = record["response"]
    if response is None or record.get("status") in ("failure", "error"):
        raise Unusable("it has no answer")
    status, headers, body = _answer(response)
    method, url, sent = _request(record, request, response)
    start, end = next(
        ((record[a], record[b]) for a, b in _START_AND_END if a in record and b in record),
        (None, None),
    )
    return Exchange(
        place=place,
        method=method,
        url=url,
        request_body=sent,
        status=status,
        headers=headers,
        body=body,
        elapsed_seconds=_latency(record) if start is None else times.elapsed_seconds(start, end),
        started_seconds=times.epoch_seconds(start),
        is_rebuilt=is_rebuilt,
    )


def _logged_request(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a request that LiteLLM has logged in parts."""
    parameters = record.get("model_parameters") or record.get("optional_params") or {}
    told = {"model": record["model"], "messages": record["messages"], **parameters}
    return {name: value for name, value in told.items() if value is not None}


def _request(record: Mapping[str, Any], request: Any, response: Any) -> tuple[str, str, bytes]:
    """Method, URL and body."""
    url = record.get("url") or record.get("endpoint") or record.get("path")
    if not isinstance(request, dict):
        if not url:
            raise Unusable("its request is text, and no `url` says what it was sent to")
        return "POST", str(url), bodies.of_json(request)
    if isinstance(request.get("url"), str):
        content = next((request[key] for key in _BODY_KEYS if key in request), "")
        return str(request.get("method", "POST")).upper(), request["url"], bodies.of_json(content)
    if not url:
        url = str(record.get("api_base") or "").rstrip("/")
        if base_of(url) is None:
            url += endpoint_of(request, response)
    return "POST", str(url), bodies.of_json(request)


def _answer(response: Any) -> tuple[int, Headers, bytes]:
    """Status, headers and body; a list is that of the events of a stream."""
    status, content = 200, response
    headers: Headers = {}
    if isinstance(response, dict) and any(key in response for key in _BODY_KEYS[:3]):
        told = response.get("status_code", response.get("status"))
        if isinstance(told, int):
            status = told
            pairs = response.get("headers") or {}
            headers = lowered(pairs.items() if isinstance(pairs, dict) else pairs)
            content = next(response[key] for key in _BODY_KEYS if key in response)
    is_stream = isinstance(content, list)
    if is_stream:
        events = [event if isinstance(event, str) else json.dumps(event) for event in content]
        ended = [*events, *([] if events[-1:] == ["[DONE]"] else ["[DONE]"])]
        content = "".join(f"data: {event}\n\n" for event in ended)
    elif isinstance(content, str):
        is_stream = content.lstrip().startswith(("data:", "event:"))
    kind = "text/event-stream" if is_stream else "application/json"
    body, headers = bodies.decoded(bodies.of_json(content), headers)
    return status, {"content-type": (kind,), **headers}, body


def _latency(record: Mapping[str, Any]) -> float | None:
    for name, divisor in _LATENCIES.items():
        value = record.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return value / divisor
    return None
