"""Cassettes of vcrpy and pytest-recording (YAML, JSON), and of Ruby's VCR, whose form is alike.

They have no latency. A body is text, binary, `{string: …}`, `{base64_string: …}`, or parsed JSON
under `parsed_body`; the answers that old versions recorded from httpx have `content` and
`status_code`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.cassette.importing import bodies
from flagbench.cassette.importing.exchange import (
    Exchange,
    Headers,
    Located,
    Skipped,
    Unusable,
    lowered,
    read_or_skip,
)

NAME = "vcrpy"
_LISTS = ("interactions", "http_interactions")


def fits(value: Any) -> bool:
    """True for the document of a cassette."""
    return isinstance(value, dict) and any(isinstance(value.get(name), list) for name in _LISTS)


def defect(value: Any) -> str:
    """The reason to refuse a whole cassette; "" for none."""
    if "flagbench" in (value.get("metadata") or {}):
        return "it is a cassette of flagbench already, which has its latencies: copy the file"
    # The keys are sorted: a file that was cut ends before its last one, and is YAML all the same.
    if not value.keys() & {"version", "recorded_with"}:
        return "it ends early: `version`, which vcrpy writes last, is missing"
    return ""


def exchanges(documents: Sequence[Located]) -> Iterator[Exchange | Skipped]:
    """The interactions of cassettes, in order."""
    for document in documents:
        listed = next(document.value[name] for name in _LISTS if name in document.value)
        for number, raw in enumerate(listed, start=1):
            place = f"{document.place.rpartition(':')[0]}: interaction {number}"
            yield read_or_skip(_exchange, raw, place=place)


def _exchange(raw: Mapping[str, Any], place: str) -> Exchange:
    request, response = raw["request"], raw["response"]
    if "status_code" in response:
        status, body = response["status_code"], _body({"body": response.get("content")})
    else:
        status, body = response["status"]["code"], _body(response)
    body, headers = bodies.decoded(body, _headers(response))
    return Exchange(
        place=place,
        method=str(request["method"]).upper(),
        url=request["uri"],
        request_body=bodies.sent(_body(request), _content_type(request)),
        status=int(status),
        headers=headers,
        body=body,
    )


def _content_type(message: Mapping[str, Any]) -> str:
    return "".join(_headers(message).get("content-type", ())[:1])


def _headers(message: Mapping[str, Any]) -> Headers:
    headers = message.get("headers") or {}
    return lowered(headers.items() if isinstance(headers, dict) else headers)


def _body(message: Mapping[str, Any]) -> bytes:
    """The body of a request or an answer."""
    if "parsed_body" in message:
        return bodies.of_json(message["parsed_body"])
    body = message.get("body")
    if isinstance(body, dict):
        if "base64_string" in body:
            return bodies.of_base64(body["base64_string"])
        body = body.get("string")
    if body is None:
        return b""
    if isinstance(body, str):
        return bodies.of_text(body)
    if isinstance(body, bytes):
        return body
    raise Unusable(f"a body that is a {type(body).__name__}")
