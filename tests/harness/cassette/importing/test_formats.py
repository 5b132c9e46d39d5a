"""Each format: what becomes an interaction, with which latency, and what is skipped and why."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from bench import Bench
from foreign_files import Import, answer, entry, error_of, har, interactions_of, request

CHAT = "/v1/chat/completions"
BYTES = json.dumps(answer("to first")).encode()
URL = "https://api.openai.com/v1/chat/completions"


def cassette(**changes: Any) -> dict[str, Any]:
    """A cassette of vcrpy with one interaction."""
    made = {
        "request": {"method": "POST", "uri": URL, "headers": {},
                    "body": json.dumps(request("first"))},
        "response": {"status": {"code": 200, "message": "OK"},
                     "headers": {"Content-Type": ["application/json"]},
                     "body": {"string": BYTES.decode()}},
    }  # fmt: skip
    return {"interactions": [{**made, **changes}], "version": 1}


def response(body: Any, **headers: list[str]) -> dict[str, Any]:
    """An answer in a cassette of vcrpy."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": {"code": 200, "message": "OK"}, "headers": names, "body": body}


BODIES = {
    "text": cassette(),
    "binary": cassette(response=response({"string": BYTES})),
    "gzip": cassette(
        response=response({"string": gzip.compress(BYTES)}, Content_Encoding=["gzip"])
    ),
    "decoded, with the header": cassette(
        response=response({"string": BYTES.decode()}, Content_Encoding=["gzip"])
    ),
    "base64": cassette(response=response({"base64_string": base64.b64encode(BYTES).decode()})),
    "parsed": cassette(
        request={"method": "POST", "uri": URL, "headers": {}, "parsed_body": request("first")},
        response={"status": {"code": 200}, "headers": {}, "parsed_body": answer("to first")},
    ),
    "old httpx": cassette(
        response={"status_code": 200, "http_version": "HTTP/1.1", "headers": {},
                  "content": BYTES.decode()}
    ),
    "Ruby": {
        "http_interactions": [
            {"request": {"method": "post", "uri": URL, "headers": {},
                         "body": {"encoding": "UTF-8", "string": json.dumps(request("first"))}},
             "response": response({"encoding": "UTF-8", "string": BYTES.decode()})}
        ],
        "recorded_with": "VCR 6.2.0",
    },
}  # fmt: skip


@pytest.mark.parametrize("document", BODIES.values(), ids=BODIES)
def test_the_bodies_of_vcrpy(
    project: Bench, import_into: Import, tmp_path: Path, document: dict[str, Any]
) -> None:
    """In every form that it has had, decoded, without a latency."""
    path = tmp_path / "it.yaml"
    path.write_text(yaml.safe_dump(document))
    assert import_into(path).exit_code == 0
    (call,) = interactions_of(project)
    assert (call.method, call.path, call.elapsed_seconds) == ("POST", CHAT, None)
    assert json.loads(call.request_body) == request("first")
    assert json.loads(call.response_body)["choices"] == answer("to first")["choices"]
    assert json.loads(call.response_body)["id"] == "scrubbed"
    assert "content-encoding" not in call.headers


def _with(part: str, **changes: Any) -> dict[str, Any]:
    made = entry("first")
    return {**made, part: {**made[part], **changes}}


def _content(**changes: Any) -> dict[str, Any]:
    return _with("response", content={"mimeType": "application/json", **changes})


HARS = {
    "time": (entry("first"), 0.25),
    "phases without the queue": (
        entry("first", time=900, timings={"blocked": 500, "dns": 10, "connect": 40, "ssl": 30,
                                          "send": 1, "wait": 300, "receive": 49}), 0.4
    ),
    "no time": (entry("first", time=0, timings={"send": 0, "wait": 0, "receive": 0}), None),
    "base64": (_content(text=base64.b64encode(BYTES).decode(), encoding="base64"), 0.25),
    "base64 of gzip": (
        {**_content(text=base64.b64encode(gzip.compress(BYTES)).decode(), encoding="base64"),
         "response": {**_content(text=base64.b64encode(gzip.compress(BYTES)).decode(),
                                 encoding="base64")["response"],
                      "headers": [{"name": "content-encoding", "value": "gzip"}]}}, 0.25
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "seconds"), HARS.values(), ids=HARS)
def test_the_entries_of_a_har(
    project: Bench, import_into: Import, tmp_path: Path, one: Any, seconds: float | None
) -> None:
    """With their latency where it was measured."""
    path = tmp_path / "it.har"
    path.write_text(har(one))
    assert import_into(path).exit_code == 0
    (call,) = interactions_of(project)
    assert call.elapsed_seconds == seconds
    assert json.loads(call.response_body)["choices"] == answer("to first")["choices"]


SKIPPED = {
    "no answer": (_with("response", status=0), "it has no answer (status 0)"),
    "no body": (_content(size=99), "the archive does not have the body of the answer"),
    "no request": (
        _with("request", postData={}, bodySize=99),
        "the archive does not have the body of the request",

    ),
    "HTML": (
        _content(text="<html>"), "the answer cannot be used: it is not JSON"
    ),
    "rejected key": (_with("response", status=401), "answer 401: the API key was rejected"),
    "redirect": (_with("response", status=307), "answer 307: a redirect"),
    "a secret": (
        _with("request", postData={"text": json.dumps(request("my ghp_" + "q7Rt2Wm9Zk4X" * 3))}),
        "a prompt contains a secret: GitHub token",
    ),
    "a secret path": (
        _with("request", url="https://api.openai.com/v1/files/ghp_" + "q7Rt2Wm9Zk4X" * 3),
        "its path contains a secret",
    ),
    "no object": ([], "not as the format has it (TypeError"),
    "no URL": ({"request": {}, "response": {"status": 200}}, "not as the format has it (KeyError"),
    "not base64": (_content(text="é", encoding="base64"), "a body that is not base64"),
    "half a surrogate": (_content(text="\ud800"), "a body that is not text"),
    "assembled": (
        _with("request", postData={"text": json.dumps(request("first", stream=True))}),
        "a streamed call, of which the source has the assembled answer only",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "why"), SKIPPED.values(), ids=SKIPPED)
def test_what_no_recording_would_keep_is_skipped(
    project: Bench, import_into: Import, tmp_path: Path, one: Any, why: str
) -> None:
    """With its reason and place, and never its secret; the others are imported."""
    path = tmp_path / "it.har"
    path.write_text(har(entry("second"), one))
    told = import_into(path)
    assert told.exit_code == 0
    assert f"skipped 1: {why}" in told.output
    assert f"({path}: entry 2)" in told.output
    assert "q7Rt2Wm9Zk4X" not in told.output
    assert len(interactions_of(project)) == 1
    path.write_text(har(one))
    assert "there is nothing to import" in error_of(import_into(path, "--yes"))
    assert len(interactions_of(project)) == 1


def test_other_hosts_are_counted_and_duplicates_kept(
    project: Bench, import_into: Import, tmp_path: Path
) -> None:
    """The answers to the same request stay in order; two providers need a choice."""
    path = tmp_path / "it.har"
    refused = _with("response", status=429)
    other = [_with("request", method="GET", url=f"https://shop.example/{n}") for n in range(2)]
    calls = [entry("first"), refused, *other, entry("second")]
    path.write_text(har(*calls))
    told = import_into(path)
    assert "skipped 2: calls to shop.example" in told.output
    assert [call.status for call in interactions_of(project)] == [200, 429, 200]
    other = _with("request", url="https://llm.example/api/v2/chat/completions")
    path.write_text(har(*calls, other))
    assert "several providers: api.openai.com/v1 (3), llm.example/api/v2 (1)" in error_of(
        import_into(path, "--yes")
    )
    told = import_into(path, "--yes", "--base-url", "https://llm.example:443/api/v2/")
    assert [call.path for call in interactions_of(project)] == [CHAT]
    assert "skipped 3: calls to api.openai.com" in told.output


def test_headers_that_matter_are_kept(project: Bench, import_into: Import, tmp_path: Path) -> None:
    """A wait until a date runs from the time of the answer; a cookie is dropped."""
    refused = _with(
        "response",
        status=429,
        headers=[
            {"name": "Retry-After", "value": "Sun, 01 Mar 2026 10:00:30 GMT"},
            {"name": "Content-Type", "value": "application/json"},
            {"name": "Set-Cookie", "value": "session=abc"},
        ],
    )
    path = tmp_path / "it.har"
    path.write_text(har(refused))
    import_into(path)
    (call,) = interactions_of(project)
    assert call.headers == {"content-type": ("application/json",), "retry-after": ("30",)}
    path.write_text(har({**refused, "startedDateTime": None}))
    assert "nothing to import" in error_of(import_into(path, "--yes"))


CHUNKS = [{"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]},
          {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]  # fmt: skip
EVENTS = "".join(f"data: {json.dumps(one)}\n\n" for one in CHUNKS) + "data: [DONE]\n\n"
PLAIN = {"request": request("first"), "response": answer("to first")}
LITELLM = {"call_type": "acompletion", "model": "gpt-4o-mini", "status": "success",
           "messages": request("first")["messages"], "startTime": 1700000000.0,
           "endTime": 1700000001.5, "response_time": 0.2, "model_parameters": {"top_p": None},
           "response": answer("to first")}  # fmt: skip
BATCH = (
    {"custom_id": "a", "method": "POST", "url": CHAT, "body": request("first")},
    {"id": "b1", "custom_id": "a", "error": None,
     "response": {"status_code": 200, "request_id": "x", "body": answer("to first")}},
)  # fmt: skip
LINES = {
    "bodies": ([PLAIN], None),
    "bodies with a latency": ([{**PLAIN, "latency_ms": 1500}], 1.5),
    "messages": (
        [{"request": {"method": "POST", "url": URL, "headers": {}, "body": request("first")},
          "response": {"status_code": 200, "headers": {"content-type": "application/json"},
                       "body": answer("to first")}}], None
    ),
    "bodies as text": (
        [{"url": URL, "request": json.dumps(request("first")),
          "response": json.dumps(answer("to first"))}], None
    ),
    "LiteLLM": ([LITELLM], 1.5),
    "a batch": (BATCH, None),
    "a batch, output first": (BATCH[::-1], None),
}  # fmt: skip


@pytest.mark.parametrize("as_list", [False, True], ids=["lines", "a list"])
@pytest.mark.parametrize(("records", "seconds"), LINES.values(), ids=LINES)
def test_the_shapes_of_json_lines(
    project: Bench, import_into: Import, tmp_path: Path,
    records: list[Any], seconds: float | None, as_list: bool,
) -> None:  # fmt: skip
    """All become the same call."""
    path = tmp_path / "it.jsonl"
    text = json.dumps(records) if as_list else "".join(f"{json.dumps(one)}\n" for one in records)
    path.write_text(text)
    told = import_into(path)
    assert f"{path}: jsonl" in told.output
    (call,) = interactions_of(project)
    assert (call.path, call.status, call.elapsed_seconds) == (CHAT, 200, seconds)
    assert json.loads(call.request_body) == request("first")
    assert json.loads(call.response_body)["choices"] == answer("to first")["choices"]


@pytest.mark.parametrize("stream", [EVENTS, CHUNKS], ids=["text", "chunks"])
def test_a_stream_is_imported_whole(
    project: Bench, import_into: Import, tmp_path: Path, stream: Any
) -> None:
    """As the event stream that the client reads."""
    path = tmp_path / "it.jsonl"
    path.write_text(json.dumps({"request": request("first", stream=True), "response": stream}))
    assert import_into(path).exit_code == 0
    (call,) = interactions_of(project)
    assert call.response_body.decode() == EVENTS
    assert call.headers["content-type"] == ("text/event-stream",)


def test_half_of_a_batch_is_skipped(import_into: Import, tmp_path: Path) -> None:
    """A request without its answer, an answer without its request; two files are joined."""
    for place, one in enumerate(BATCH):
        (tmp_path / f"{place}.jsonl").write_text(json.dumps(one))
    for place, half in enumerate(("input", "output")):
        told = import_into(tmp_path / f"{1 - place}.jsonl")
        assert f"import the {half}, too" in told.output
    assert import_into(tmp_path / "1.jsonl", tmp_path / "0.jsonl").exit_code == 0


@pytest.mark.parametrize("kind", ["yaml", "har"])
def test_the_boundary_of_an_upload_is_that_of_a_replay(
    project: Bench, import_into: Import, tmp_path: Path, kind: str
) -> None:
    """A replay sends another one than the client drew."""
    drawn = "0123456789abcdef0123456789abcdef"
    content_type = f"multipart/form-data; boundary={drawn}"
    body = f'--{drawn}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--{drawn}--\r\n'
    url = "https://api.openai.com/v1/files"
    posted = {"method": "POST", "url": url, "uri": url, "body": body,
              "headers": {"content-type": [content_type]},
              "postData": {"mimeType": content_type, "text": body}}  # fmt: skip
    path = tmp_path / f"it.{kind}"
    path.write_text(har(entry("first", request=posted)) if kind == "har"
                    else yaml.safe_dump(cassette(request=posted)))  # fmt: skip
    told = import_into(path, "--base-url", "https://api.openai.com/v1")
    assert told.exit_code == 0, told.output
    (call,) = interactions_of(project)
    assert drawn.encode() not in call.request_body
    assert b'name="a"' in call.request_body
