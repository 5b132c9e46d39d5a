"""Tokens of Anthropic's and Gemini's calls: reported, or counted by a tokenizer that is named."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flagbench.cassette.usage.call_usage import usage_of
from flagbench.cassette.usage.token_usage import Source, TokenUsage, UnknownUsage

CLAUDE = {"model": "claude-4", "messages": [{"role": "user", "content": "hello"}]}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
SAID = {"type": "message", "content": [{"type": "text", "text": "hello world"}],
        "stop_reason": "max_tokens"}  # fmt: skip
CANDIDATE = {"content": {"parts": [{"text": "hello world"}]}, "finishReason": "MAX_TOKENS"}
PATHS = {"a": "/v1/messages", "g": "/v1beta/models/gemini-3:generateContent"}


def used(
    vendor: str, request: Mapping[str, Any], answer: object, tokenizer: str = ""
) -> TokenUsage | UnknownUsage:
    """The usage of a call to a vendor; an answer that is bytes is sent as it is."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    asked = json.dumps(request).encode()
    return usage_of("POST", PATHS[vendor], 200, asked, body, tokenizer=tokenizer)


def events(*sent: object) -> bytes:
    """A stream."""
    return "".join(f"data: {json.dumps(event)}\r\n\r\n" for event in sent).encode()


@pytest.mark.parametrize(
    ("vendor", "answer", "tokens"),
    [
        ("a", {**SAID, "usage": {"input_tokens": 9, "output_tokens": 2}}, (9, 2)),
        ("a", {**SAID, "usage": {"input_tokens": 9, "output_tokens": 2,
               "cache_read_input_tokens": 5, "cache_creation_input_tokens": 1}}, (15, 2)),
        ("g", {"candidates": [CANDIDATE], "usageMetadata": {
            "promptTokenCount": 9, "candidatesTokenCount": 2, "totalTokenCount": 11}}, (9, 2)),
        # The thoughts are billed and not among those of the candidates.
        ("g", {"candidates": [CANDIDATE], "usageMetadata": {
            "promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 30,
            "totalTokenCount": 41}}, (9, 32)),
        ("g", {"candidates": [CANDIDATE], "usageMetadata": {
            "promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 30}}, (9, 32)),
        ("g", {"candidates": [CANDIDATE], "usageMetadata": {
            "promptTokenCount": 9, "toolUsePromptTokenCount": 4, "candidatesTokenCount": 2,
            "totalTokenCount": 15}}, (13, 2)),
    ],
)  # fmt: skip
def test_what_the_vendor_reports(vendor: str, answer: object, tokens: tuple[int, int]) -> None:
    """It is the figure where its tokenizer is not known, with cached tokens and thoughts."""
    usage = used(vendor, CLAUDE if vendor == "a" else GEMINI, answer)
    assert isinstance(usage, TokenUsage), usage
    assert (usage.prompt_tokens, usage.completion_tokens) == tokens
    assert {usage.prompt.source, usage.completion.source} == {Source.REPORTED}
    assert usage.finish_reason == "length"
    assert usage.model == {"a": "claude-4", "g": "gemini-3"}[vendor]


@pytest.mark.parametrize(("vendor", "answer"), [("a", SAID), ("g", {"candidates": [CANDIDATE]})])
def test_without_a_report_the_tokens_are_unknown(vendor: str, answer: object) -> None:
    """And not 0."""
    usage = used(vendor, CLAUDE if vendor == "a" else GEMINI, answer)
    assert isinstance(usage, UnknownUsage)


@pytest.mark.parametrize(
    ("vendor", "request_", "answer"),
    [
        ("a", {**CLAUDE, "system": "hello"}, SAID),
        ("g", {**GEMINI, "systemInstruction": {"parts": [{"text": "hello"}]}},
         {"candidates": [CANDIDATE]}),
    ],
)  # fmt: skip
def test_a_named_tokenizer_counts(vendor: str, request_: Mapping[str, Any], answer: object) -> None:
    """The system text, the messages and the answer."""
    usage = used(vendor, request_, answer, tokenizer="o200k_base")
    assert isinstance(usage, TokenUsage)
    assert usage.completion.counted == 2
    assert usage.prompt.source == usage.completion.source == Source.COUNTED
    assert usage.prompt_tokens > 8


@pytest.mark.parametrize(
    ("block", "tokens"),
    [
        ({"type": "tool_use", "name": "hello", "input": {}}, 2),
        ({"type": "tool_result", "content": [{"type": "text", "text": "hello"}]}, 1),
        ({"type": "image", "source": {}}, None),
        ({"type": "server_tool_use"}, None),
        ({"type": "redacted_thinking", "data": "x"}, None),
    ],
)
def test_blocks(block: Mapping[str, Any], tokens: int | None) -> None:
    """Each is counted, or makes the count impossible."""
    usage = used("a", CLAUDE, {"type": "message", "content": [block]}, tokenizer="o200k_base")
    counted = usage.completion.counted if isinstance(usage, TokenUsage) else None
    assert counted == tokens


def test_a_stream_of_messages_is_put_together() -> None:
    """Texts and the arguments of a tool; the last report of usage is right."""
    body = events(
        {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta",
                                                             "text": "hello"}},
        {"type": "content_block_delta", "index": 0, "delta": {"text": " world"}},
        {"type": "content_block_start", "index": 1,
         "content_block": {"type": "tool_use", "name": "hello", "input": {}}},
        {"type": "content_block_delta", "index": 1, "delta": {"partial_json": "{}"}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"},
         "usage": {"output_tokens": 30}},
        {"type": "message_stop"},
    )  # fmt: skip
    usage = used("a", CLAUDE, body, tokenizer="o200k_base")
    assert isinstance(usage, TokenUsage)
    assert (usage.completion.counted, usage.completion.reported) == (4, 30)
    assert (usage.prompt.reported, usage.finish_reason) == (9, "tool_use")


@pytest.mark.parametrize("is_list", [False, True])
def test_a_stream_of_candidates_is_put_together(is_list: bool) -> None:
    """As events, or as the list that Gemini sends without `alt=sse`."""
    parts = [
        {"candidates": [{"content": {"parts": [{"text": "hello"}]}}]},
        {"candidates": [{"content": {"parts": [{"text": " world"}]}, "finishReason": "STOP"}],
         "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 2}},
    ]  # fmt: skip
    body = json.dumps(parts).encode() if is_list else events(*parts)
    usage = used("g", GEMINI, body, tokenizer="o200k_base")
    assert isinstance(usage, TokenUsage)
    assert (usage.completion.counted, usage.completion.reported) == (2, 2)
    assert (usage.prompt.reported, usage.finish_reason) == (9, "stop")


@pytest.mark.parametrize(
    "path", ["/v1/messages/count_tokens", "/v1beta/models/gemini-3:countTokens"]
)
def test_counting_is_free(path: str) -> None:
    """Nothing is generated."""
    usage = usage_of("POST", path, 200, b"{}", b'{"totalTokens": 5}', tokenizer="")
    assert isinstance(usage, TokenUsage)
    assert not usage.is_billed
