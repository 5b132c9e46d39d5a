"""Traces of LangSmith and OpenTelemetry, and files that the real tools wrote."""

import json
from pathlib import Path
from typing import Any

import pytest
from bench import Bench
from foreign_files import Import, answer, error_of, interactions_of, request

FILES = Path(__file__).parents[3] / "fixtures" / "importing"
CHAT = "/v1/chat/completions"

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


ANTHROPIC = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
             "content": [{"type": "text", "text": "hello"}]}  # fmt: skip
WHOLE = {
    "a message of Anthropic": (ANTHROPIC, "/v1/messages", {"input_tokens": 3, "output_tokens": 2}),
    "a response": (
        {"object": "response", "output": [{"type": "message", "content": []}]},
        "/v1/responses", {"input_tokens": 3, "output_tokens": 2},
    ),
    "a completion": (
        answer("to first"), CHAT, {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("outputs", "path", "usage"), WHOLE.values(), ids=WHOLE)
def test_answers_of_wrapped_clients(
    project: Bench, import_into: Import, tmp_path: Path,
    outputs: dict[str, Any], path: str, usage: dict[str, int],
) -> None:  # fmt: skip
    """The usage is back in its place, and what the client keeps to itself is not sent."""
    asked = {"input": "first", "model": "m"} if "output" in outputs else request("first")
    counted = {"input_tokens": 3, "output_tokens": 2}
    run = {
        "run_type": "llm", "start_time": 1772359200000, "end_time": 1772359201000,
        "inputs": {**asked, "timeout": 3, "extra_body": {"seed": 4}},
        "outputs": {**outputs, "usage_metadata": counted},
    }  # fmt: skip
    file = tmp_path / "it.jsonl"
    file.write_text(json.dumps(run))
    assert import_into(file).exit_code == 0
    (call,) = interactions_of(project)
    assert (call.path, call.elapsed_seconds) == (path, 1.0)
    assert json.loads(call.request_body) == {**asked, "seed": 4}
    assert json.loads(call.response_body)["usage"] == usage
