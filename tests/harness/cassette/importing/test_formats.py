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

FILES = Path(__file__).parents[3] / "fixtures" / "importing"
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


ASKED = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}]
CALLED = {"id": "call_1", "type": "function",
          "function": {"name": "add", "arguments": '{"a": 1}'}}  # fmt: skip
REAL = {
    "LangSmith, of the OpenAI wrapper": (["langsmith_openai.jsonl"], "langsmith", 2),
    "OTLP with messages in attributes": (["otlp_traceloop.json"], "otel", 3),
    "the console exporter": (["console_traceloop.json"], "otel", 3),
    "OTLP with messages in log records": (["otlp_v2.json", "otlp_v2_logs.json"], "otel", 3),
    "a HAR of mitmproxy": (["mitmproxy.har"], "har", 2),
}


@pytest.mark.parametrize(("names", "kind", "count"), REAL.values(), ids=REAL)
def test_files_that_the_real_tools_wrote(
    project: Bench, import_into: Import, names: list[str], kind: str, count: int
) -> None:
    """Of the calls of the real SDK: in their order, with tools, and the measured latency."""
    told = import_into(*(FILES / name for name in names))
    assert told.exit_code == 0, told.output
    assert f"{FILES / names[0]}: {kind}" in told.output
    calls = interactions_of(project)
    assert len(calls) == count
    assert all(0 < (call.elapsed_seconds or 0) < 1 for call in calls)
    assert json.loads(calls[0].request_body)["messages"] == (ASKED[1:] if kind == "har" else ASKED)
    said = json.loads(calls[1].response_body)["choices"][0]["message"]
    assert said["tool_calls"] == [CALLED]
    assert json.loads(calls[0].response_body)["usage"]["total_tokens"] == 9
    if count == 3:
        assert json.loads(calls[2].request_body)["messages"][1:] == [
            {"role": "assistant", "content": None, "tool_calls": [CALLED]},
            {"role": "tool", "content": "2", "tool_call_id": "call_1"},
        ]


def test_spans_without_content_are_refused(import_into: Import) -> None:
    """With the reason: by default, instrumentations capture none."""
    told = import_into(FILES / "otlp_plain.json")
    assert "skipped 3: the content of its messages was not captured" in told.output
    assert "nothing to import" in error_of(told)


LANGCHAIN = {
    "id": "r2", "run_type": "llm", "start_time": "2026-03-01T10:00:05", "error": None,
    "end_time": "2026-03-01T10:00:07.500000",
    "extra": {"invocation_params": {"model": "gpt-4o-mini", "model_name": "gpt-4o-mini",
                                    "_type": "openai-chat", "temperature": 0.7, "stop": None}},
    "inputs": {"messages": [[
        {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "SystemMessage"],
         "kwargs": {"content": "be brief", "type": "system"}},
        {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
         "kwargs": {"content": "hello"}},
    ]]},
    "outputs": {
        "generations": [[{"text": "", "generation_info": {"finish_reason": "tool_calls"},
                          "message": {"lc": 1, "type": "constructor", "id": ["x", "AIMessage"],
                                      "kwargs": {"content": "", "tool_calls": [
                                          {"name": "add", "args": {"a": 1}, "id": "call_1"}]}}}]],
        "llm_output": {"token_usage": {"prompt_tokens": 5, "completion_tokens": 4}}},
}  # fmt: skip


def test_runs_of_langchain(project: Bench, import_into: Import, tmp_path: Path) -> None:
    """Its messages and parameters become a request; runs are sorted by their start."""
    failed = {**LANGCHAIN, "id": "r1", "error": "boom"}
    chain = {"run_type": "chain", "start_time": 1772359200000, "child_runs": [LANGCHAIN, failed]}
    path = tmp_path / "runs.json"
    path.write_text(json.dumps({"runs": [chain]}))
    told = import_into(path)
    assert f"skipped 1: it ended in an error, and has no answer ({path}:1 run r1)" in told.output
    assert "the requests of 1 were put together" in told.output
    (call,) = interactions_of(project)
    assert call.elapsed_seconds == 2.5
    assert json.loads(call.request_body) == {
        "model": "gpt-4o-mini", "temperature": 0.7, "messages": ASKED
    }  # fmt: skip
    (choice,) = json.loads(call.response_body)["choices"]
    assert choice["message"]["tool_calls"] == [CALLED]
    assert choice["finish_reason"] == "tool_calls"
