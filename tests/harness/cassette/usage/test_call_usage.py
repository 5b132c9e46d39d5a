"""The tokens of a call, of every API: counted, reported, none, or unknown with the reason."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from flagbench.cassette import cassette
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.usage.call_usage import usage_of
from flagbench.cassette.usage.token_usage import Source, TokenUsage, UnknownUsage
from flagbench.errors import CouldNotRun
from flagbench.tokenizer import TokenCounter

COUNTED, REPORTED = Source.COUNTED, Source.REPORTED
HELLO = {"role": "user", "content": "hello"}
# 3 for the reply, 3 for the message, 1 for its role and 1 for its text.
HELLO_TOKENS = 8
# OpenAI cookbook, "How to count tokens with tiktoken": its examples, with the tokens that its
# formulas count and the API reports.
JARGON = [
    ("system", None, "You are a helpful, pattern-following assistant that translates corporate "
     "jargon into plain English."),
    ("system", "example_user", "New synergies will help drive top-line growth."),
    ("system", "example_assistant", "Things working well together will increase revenue."),
    ("system", "example_user", "Let's circle back when we have more bandwidth to touch base on "
     "opportunities for increased leverage."),
    ("system", "example_assistant",
     "Let's talk later when we're less busy about how to do better."),
    ("user", None, "This late pivot means we don't have time to boil the ocean for the client "
     "deliverable."),
]  # fmt: skip
WEATHER = [
    ("system", None, "You are a helpful assistant that can answer to questions about the weather."),
    ("user", None, "What's the weather like in San Francisco?"),
]
FUNCTION = {
    "name": "get_current_weather",
    "description": "Get the current weather in a given location",
    "parameters": {
        "type": "object",
        "properties": {
            "location": {
                "type": "string",
                "description": "The city and state, e.g. San Francisco, CA",
            },
            "unit": {
                "type": "string",
                "description": "The unit of temperature to return",
                "enum": ["celsius", "fahrenheit"],
            },
        },
        "required": ["location"],
    },
}


def messages(told: list[tuple[str, str | None, str]]) -> list[Mapping[str, str]]:
    """Messages of role, name and content."""
    return [
        {"role": role, **({"name": name} if name else {}), "content": content}
        for role, name, content in told
    ]


def used(
    path: str, request: object, answer: object, *, status: int = 200, **more: Any
) -> TokenUsage | UnknownUsage:
    """The usage of a POST of a JSON body."""
    asked = json.dumps(request).encode()
    return usage_of(
        more.pop("method", "POST"), f"/v1{path}", status, asked, json.dumps(answer).encode(),
        tokenizer=more.pop("tokenizer", ""),
    )  # fmt: skip


def chat(message: object, usage: object = None, **request: Any) -> TokenUsage | UnknownUsage:
    """The usage of a chat completion that answers with a message."""
    answer = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}
    return used("/chat/completions", {"messages": [HELLO], **request}, answer)


def figures(usage: TokenUsage | UnknownUsage) -> tuple[int, Source, int, Source]:
    """Tokens and sources of a known usage."""
    assert isinstance(usage, TokenUsage), usage
    prompt, completion = usage.prompt, usage.completion
    return prompt.tokens, prompt.source, completion.tokens, completion.source


@pytest.mark.parametrize(
    ("model", "jargon", "weather"),
    [("gpt-4o", 124, 101), ("gpt-4o-mini", 124, 101), ("gpt-4", 129, 105),
     ("gpt-3.5-turbo", 129, 105)],
)  # fmt: skip
def test_the_cookbooks_examples(model: str, jargon: int, weather: int) -> None:
    """Messages with names, and a function with a schema, as the API bills them."""
    nothing: dict[str, Any] = {"choices": []}
    asked: dict[str, Any] = {"model": model, "messages": messages(JARGON)}
    assert figures(used("/chat/completions", asked, nothing)) == (jargon, COUNTED, 0, COUNTED)
    for tools in (
        {"tools": [{"type": "function", "function": FUNCTION}]},
        {"functions": [FUNCTION]},
    ):
        asked = {"model": model, "messages": messages(WEATHER), **tools}
        assert figures(used("/chat/completions", asked, nothing))[0] == weather
    flat = {"type": "function", **FUNCTION}
    asked = {"model": model, "input": messages(WEATHER), "tools": [flat]}
    assert figures(used("/responses", asked, {"output": []}))[0] == weather


def test_a_completion_uses_its_prompt_and_its_text() -> None:
    """Whatever the provider reports, which is kept beside it."""
    usage = chat({"content": "hello world"}, {"prompt_tokens": 90, "completion_tokens": 80})
    assert isinstance(usage, TokenUsage)
    assert figures(usage) == (HELLO_TOKENS, COUNTED, 2, COUNTED)
    assert (usage.prompt.reported, usage.completion.reported) == (90, 80)
    assert (usage.status, usage.finish_reason, usage.tokens) == (200, "stop", HELLO_TOKENS + 2)


PROGRAM = "print(1)\n" * 20
CALL = {"id": "c", "type": "function", "function": {"name": "write", "arguments": PROGRAM}}


@pytest.mark.parametrize(
    ("message", "texts"),
    [
        ({"content": "hello world"}, ["hello world"]),
        ({"content": None, "tool_calls": [CALL, CALL]}, ["write", PROGRAM] * 2),
        ({"content": None, "function_call": CALL["function"]}, ["write", PROGRAM]),
        ({"content": None, "refusal": "I cannot."}, ["I cannot."]),
        ({"content": "a", "reasoning_content": "let me see"}, ["a", "let me see"]),
        ({"content": "a", "reasoning": "let me see"}, ["a", "let me see"]),
        ({"content": "a", "reasoning": "x y", "reasoning_content": "x y"}, ["a", "x y"]),
        ({"content": [{"type": "text", "text": "hello"}, " world"]}, ["hello", " world"]),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}, ["hm"]),
        ("a text", ["a text"]),
        (None, []),
    ],
)
def test_everything_that_a_message_says_is_counted(
    counter: TokenCounter, message: object, texts: list[str]
) -> None:
    """As an answer, and in the history of the next prompt."""
    said = sum(map(counter.count, texts))
    assert figures(chat(message))[2:] == (said, COUNTED)
    if isinstance(message, dict):
        history = chat(None, messages=[HELLO, {"role": "assistant", **message}])
        assert figures(history)[0] == HELLO_TOKENS + 3 + 1 + said


REPORT = {"prompt_tokens": 700, "completion_tokens": 60}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}


@pytest.mark.parametrize(
    ("request_", "message", "kind", "reason"),
    [
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "a", "prompt", "'image_url'"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "a", "prompt",
         "'input_audio'"),
        ({"messages": [{"role": "user", "content": [{"type": "file"}]}]}, "a", "prompt", "'file'"),
        ({"messages": [{"role": "user", "content": 12}]}, "a", "prompt", "int in place of a text"),
        ({"messages": "hello"}, "a", "prompt", "messages that are no list"),
        ({"messages": [["hello"]]}, "a", "prompt", "messages of an unknown kind"),
        ({"tools": [{"type": "custom", "custom": {}}]}, "a", "prompt", "a tool of type 'custom'"),
        ({"response_format": SCHEMA}, "a", "prompt", "a schema of the answer"),
        ({"web_search_options": {}}, "a", "prompt", "the results of a search"),
        ({"prediction": {}}, "a", "completion", "the refused part of a prediction"),
        ({"model": "o3-mini"}, "a", "completion", "hidden reasoning"),
        ({"model": "gpt-5.1"}, "a", "completion", "hidden reasoning"),
        ({"model": "anthropic/claude-4"}, "a", "prompt", "claude-4, whose tokenizer is not known"),
        ({"model": "Llama3.1:8b"}, "a", "prompt", "Llama3.1:8b, whose tokenizer is not known"),
        ({}, {"content": None, "audio": {"data": "AA"}}, "completion", "audio"),
        ({}, {"content": [IMAGE]}, "completion", "'image_url'"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_reported_or_unknown(
    request_: dict[str, Any], message: object, kind: str, reason: str
) -> None:
    """Never none: the provider's figure, and without it the reason."""
    reported = chat(message, REPORT, **request_)
    assert isinstance(reported, TokenUsage)
    amount = reported.prompt if kind == "prompt" else reported.completion
    assert (amount.tokens, amount.source, amount.counted) == (
        REPORT[f"{kind}_tokens"], REPORTED, None,
    )  # fmt: skip
    unknown = chat(message, **request_)
    assert isinstance(unknown, UnknownUsage)
    assert f"the tokens of its {kind} are unknown" in unknown.reason
    assert reason in unknown.reason


def test_a_report_of_no_tokens_is_no_figure() -> None:
    """Some servers report 0 for everything; what is there has tokens."""
    nothing = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    asked = [{"role": "user", "content": [IMAGE]}]
    assert isinstance(chat("a", nothing, messages=asked), UnknownUsage)
    assert isinstance(chat({"audio": {"data": "AA"}}, nothing), UnknownUsage)
    assert figures(chat({"content": "a"}, nothing)) == (HELLO_TOKENS, COUNTED, 1, COUNTED)
    ranked = used("/rerank", {"query": "a"}, {"usage": {"prompt_tokens": 30, "total_tokens": 30}})
    assert figures(ranked) == (30, REPORTED, 0, REPORTED)


def test_hidden_reasoning_that_is_reported_is_in_the_completion() -> None:
    """Of its 1,500 tokens, the text has one."""
    report = {
        "prompt_tokens": 8,
        "completion_tokens": 1500,
        "completion_tokens_details": {"reasoning_tokens": 1490},
    }
    usage = chat({"content": "done"}, report)
    assert isinstance(usage, TokenUsage)
    assert figures(usage)[2:] == (1500, REPORTED)
    assert usage.reasoning_tokens == 1490
    report["completion_tokens_details"] = {"reasoning_tokens": 0}
    thoughtless = chat({"content": "done"}, report, model="o3-mini")
    assert figures(thoughtless)[2:] == (1, COUNTED)


def test_cached_and_visible_reasoning_tokens_are_told() -> None:
    """Unknown where nobody tells them."""
    plain = chat({"content": "a"})
    assert isinstance(plain, TokenUsage)
    assert (plain.cached_prompt_tokens, plain.reasoning_tokens) == (None, None)
    report = {**REPORT, "prompt_tokens_details": {"cached_tokens": 4}}
    thinking = chat({"content": "a", "reasoning_content": "x y"}, report)
    assert isinstance(thinking, TokenUsage)
    assert (thinking.cached_prompt_tokens, thinking.reasoning_tokens) == (4, 2)
    assert figures(thinking)[1] == COUNTED
    more = {**REPORT, "prompt_tokens_details": {"cached_tokens": 640}}
    assert figures(chat({"content": "a"}, more))[:2] == (700, REPORTED)


RESPONSE = {
    "object": "response",
    "status": "completed",
    "output": [
        {"type": "message", "content": [{"type": "output_text", "text": "hello world"}]},
        {"type": "function_call", "name": "write", "arguments": "x y"},
    ],
}


def test_a_response_is_counted_as_a_chat() -> None:
    """Its instructions are a message, and so are its items."""
    asked: dict[str, Any] = {"input": "hello"}
    assert figures(used("/responses", asked, RESPONSE)) == (HELLO_TOKENS, COUNTED, 5, COUNTED)
    asked["instructions"] = "hello"
    assert figures(used("/responses", asked, RESPONSE))[0] == HELLO_TOKENS + 5
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
        {"type": "function_call", "name": "write", "arguments": "x y"},
        {"type": "function_call_output", "call_id": "c", "output": "hello"},
    ]
    assert figures(used("/responses", {"input": items}, RESPONSE))[0] == HELLO_TOKENS + 7 + 5


@pytest.mark.parametrize(
    ("request_", "answer", "reason"),
    [
        ({"previous_response_id": "r"}, {}, "the responses before this"),
        ({"conversation": "c"}, {}, "the conversation before this"),
        ({"prompt": {"id": "p"}}, {}, "a prompt that the provider keeps"),
        ({"input": [{"type": "item_reference"}]}, {}, "an item of type 'item_reference'"),
        ({"input": [{"type": "reasoning", "encrypted_content": "x"}]}, {}, "'reasoning'"),
        ({"tools": [{"type": "web_search"}]}, {}, "a tool of type 'web_search'"),
        ({"text": {"format": {"type": "json_schema"}}}, {}, "a schema of the answer"),
        ({}, {"output": [{"type": "reasoning", "summary": []}]}, "hidden reasoning"),
        ({}, {"output": [{"type": "image_generation_call"}]}, "'image_generation_call'"),
        ({}, {"status": "queued", "output": []}, "an answer that is queued"),
    ],
)
def test_a_response_that_cannot_be_counted(
    request_: dict[str, Any], answer: dict[str, Any], reason: str
) -> None:
    """It says why, unless usage is reported."""
    asked, answered = {"input": "hello", **request_}, {**RESPONSE, **answer}
    unknown = used("/responses", asked, answered)
    assert isinstance(unknown, UnknownUsage)
    assert reason in unknown.reason
    report = {"input_tokens": 70, "output_tokens": 9}
    assert REPORTED in figures(used("/responses", asked, {**answered, "usage": report}))


def test_a_response_that_is_cut_off() -> None:
    """It ends as a chat completion of the finish reason `length`."""
    cut = {
        **RESPONSE,
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
    }
    usage = used("/responses", {"input": "hello"}, cut)
    assert isinstance(usage, TokenUsage)
    assert usage.finish_reason == "length"


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [("hello world", 2), (["hello", "hello world"], 3), ([1, 2, 3], 3), ([[1, 2], [3]], 3)],
)
def test_the_older_apis_have_texts_and_tokens(prompt: object, tokens: int) -> None:
    """Their format costs nothing."""
    answer = {"choices": [{"text": "x y", "finish_reason": "length"}]}
    asked = {"model": "davinci-002", "prompt": prompt}
    usage = used("/completions", asked, answer)
    assert figures(usage) == (tokens, COUNTED, 2, COUNTED)
    data = {"data": [{"embedding": [0.0]}]}
    asked = {"model": "text-embedding-3-small", "input": prompt}
    assert figures(used("/embeddings", asked, data)) == (tokens, COUNTED, 0, COUNTED)


def test_models_of_the_older_apis_without_a_known_tokenizer() -> None:
    """None of them has the encoding of the chat models: usage is reported, or unknown."""
    data = {"data": [{"embedding": "AA=="}]}
    asked = {"model": "m", "input": "hello"}
    unknown = used("/embeddings", asked, data)
    assert isinstance(unknown, UnknownUsage)
    assert "m, whose tokenizer is not known," in unknown.reason
    usage = used("/embeddings", asked, {**data, "usage": {"prompt_tokens": 900}})
    assert figures(usage)[:2] == (900, REPORTED)
    named = used("/embeddings", asked, data, tokenizer="cl100k_base")
    assert figures(named)[:2] == (1, COUNTED)


@pytest.mark.parametrize("extra", [{"best_of": 3}, {"echo": True}])
def test_more_is_generated_than_is_sent(extra: dict[str, Any]) -> None:
    """Or less."""
    asked = {"model": "davinci-002", "prompt": "x", **extra}
    unknown = used("/completions", asked, {"choices": [{"text": "y"}]})
    assert isinstance(unknown, UnknownUsage)


@pytest.mark.parametrize("status", [200, 201, 202, 206])
def test_any_good_status_is_an_answer(status: int) -> None:
    """Gateways answer 201 to a POST."""
    answer = {"choices": [{"message": {"content": "x y"}}]}
    usage = used("/chat/completions", {"messages": [HELLO]}, answer, status=status)
    assert figures(usage) == (HELLO_TOKENS, COUNTED, 2, COUNTED)


@pytest.mark.parametrize("path", ["/v2/my/chat", "/chat/completions?api-version=1", "/responses"])
def test_an_answer_is_known_by_its_shape_too(path: str) -> None:
    """Whatever the vendor calls the path."""
    answer = {"choices": [{"message": {"content": "x y"}}]}
    usage = used(path, {"messages": [HELLO]}, answer)
    assert figures(usage) == (HELLO_TOKENS, COUNTED, 2, COUNTED)


def test_a_vendors_own_path_is_reported_or_unknown() -> None:
    """Its texts are anywhere."""
    unknown = used("/rerank", {"query": "a"}, {"results": []})
    assert isinstance(unknown, UnknownUsage)
    assert "a call of this kind cannot be counted" in unknown.reason
    anthropic = {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_input_tokens": 90,
        "cache_creation_input_tokens": 7,
    }
    usage = used("/messages", {"messages": [HELLO]}, {"usage": anthropic})
    assert isinstance(usage, TokenUsage)
    assert figures(usage) == (107, REPORTED, 5, REPORTED)
    assert usage.cached_prompt_tokens == 90


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/models", 200), ("DELETE", "/files/f", 200), ("POST", "/files", 200),
        ("POST", "/uploads/u/parts", 200), ("POST", "/moderations", 200),
        ("POST", "/responses/r/cancel", 200), ("POST", "/tokenize", 200),
        ("POST", "/chat/completions", 500), ("POST", "/chat/completions", 429),
        ("POST", "/chat/completions", 307),
    ],
)  # fmt: skip
def test_what_uses_no_tokens(method: str, path: str, status: int) -> None:
    """An error, what reads or deletes, and a short table of paths."""
    usage = used(path, {"messages": [HELLO]}, {"usage": REPORT}, method=method, status=status)
    assert isinstance(usage, TokenUsage)
    assert (usage.status, usage.tokens, usage.is_billed) == (status, 0, False)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"{}", b'{"error": {}}', b"\xff\x00" * 9])
def test_a_good_status_without_an_answer_is_unknown(body: bytes) -> None:
    """The call is named by its interaction."""
    call = Interaction(
        method="POST", path="/v1/chat/completions", request_body=b'{"messages": []}', status=200,
        reason="OK", headers={}, response_body=body, elapsed_seconds=1.0,
    )  # fmt: skip
    with pytest.raises(CouldNotRun, match=r"^POST /v1/chat/completions: the tokens of its pro"):
        _ = call.usage


@pytest.mark.parametrize(("depth", "is_known"), [(100, True), (100_000, False)])
def test_a_prompt_that_is_nested_deeply(depth: int, is_known: bool) -> None:
    """It neither ends the process nor counts as nothing."""
    content = '[{"type": "thinking", "thinking": ' * depth + '"x"' + "}]" * depth
    asked = f'{{"messages": [{{"role": "user", "content": {content}}}]}}'.encode()
    usage = usage_of("POST", "/v1/chat/completions", 200, asked, b'{"choices": []}', tokenizer="")
    assert isinstance(usage, TokenUsage) == is_known


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_KEYS = (
    "messages", "input", "prompt", "tools", "functions", "model", "content", "choices", "message",
    "output", "usage", "type", "role", "tool_calls", "text", "data", "parameters", "properties",
)  # fmt: skip
shaped = st.recursive(
    json_values,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(st.sampled_from(_KEYS), shaped, max_size=6),
    st.dictionaries(st.sampled_from(_KEYS), shaped, max_size=6),
    st.sampled_from(["/chat/completions", "/responses", "/completions", "/embeddings", "/x"]),
)
def test_no_shape_is_a_traceback(request_: object, answer: object, path: str) -> None:
    """Whatever stands where: tokens, or the reason why they are unknown."""
    usage = used(path, request_, answer)
    assert isinstance(usage, UnknownUsage) or usage.tokens >= 0


def test_an_interaction_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cells replay it, and whatever is asked of it."""
    calls: list[str] = []
    counting = cassette.usage_of
    monkeypatch.setattr(
        cassette, "usage_of", lambda *of, **more: calls.append(of[1]) or counting(*of, **more)
    )
    call = Interaction(
        method="POST", path="/v1/chat/completions",
        request_body=json.dumps({"messages": [HELLO]}).encode(), status=200, reason="OK",
        headers={}, response_body=b'{"choices": [{"message": {"content": "x y z"}}]}',
        elapsed_seconds=1.0,
    )  # fmt: skip
    assert [call.usage.completion_tokens for _ in range(3)] == [3] * 3
    assert calls == ["/v1/chat/completions"]


def test_tiktoken_knows_the_models_of_the_price_table() -> None:
    """Their counts are no assumption."""
    assert tiktoken.model.encoding_name_for_model("gpt-4o-mini") == "o200k_base"
