"""Prompts and answers of every API are shown as messages, and anything else as it is."""

import json

import pytest

from flagbench.cassette.cassette import Interaction
from flagbench.view import conversation

SAID = {"choices": [{"message": {"role": "assistant", "content": "hello"}}]}
TOOL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
STREAM = b'data: {"choices":[{"index":0,"delta":{"content":"hel"}}]}\n\ndata: {"choices":' + (
    b'[{"index":0,"delta":{"content":"lo"}}]}\n\ndata: [DONE]\n\n'
)


def call(asked: object, answered: object, status: int = 200) -> Interaction:
    """A recorded call with these bodies."""
    bodies = [
        body if isinstance(body, bytes) else json.dumps(body).encode() for body in (asked, answered)
    ]
    return Interaction("POST", "/v1/x", bodies[0], status, "", {}, bodies[1], 1.0)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"messages": [{"role": "system", "content": "be"}, {"role": "user", "content": "hi"}]},
         [("system", "be"), ("user", "hi")]),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"},
                                                    {"type": "text", "text": "b"}]}]},
         [("user", "a\n\nb")]),
        ({"instructions": "be", "input": "hi"}, [("system", "be"), ("user", "hi")]),
        ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}]},
         [("user", "hi")]),
        ({"system": "be", "messages": [{"role": "user", "content": "hi"}]},
         [("system", "be"), ("user", "hi")]),
        ({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}, [("user", "hi")]),
        ({"prompt": "once"}, [("user", "once")]),
        ({"model": "x"}, [("request", '{\n "model": "x"\n}')]),
        (b"half {", [("request", "half {")]),
    ],
)  # fmt: skip
def test_prompts(asked: object, expected: list[tuple[str, str]]) -> None:
    """OpenAI's three, Anthropic's and Gemini's, and bodies of no known form."""
    told = conversation.prompt_of(call(asked, SAID))
    assert [(message.role, message.text) for message in told] == expected


@pytest.mark.parametrize(
    ("answered", "status", "expected"),
    [
        (SAID, 200, ("assistant", "hello")),
        (STREAM, 200, ("assistant", "hello")),
        ({"output": [{"type": "message", "content": [{"type": "output_text", "text": "hello"}]}]},
         200, ("assistant", "hello")),
        ({"content": [{"type": "text", "text": "hello"}]}, 200, ("assistant", "hello")),
        ({"candidates": [{"content": {"parts": [{"text": "hello"}]}}]}, 200,
         ("assistant", "hello")),
        ({"error": "no"}, 429, ("HTTP 429", '{\n "error": "no"\n}')),
        (b"<html>", 502, ("HTTP 502", "<html>")),
    ],
)  # fmt: skip
def test_answers(answered: object, status: int, expected: tuple[str, str]) -> None:
    """Whole, streamed, and of an error."""
    (told,) = conversation.answer_of(call({"messages": []}, answered, status))
    assert (told.role, told.text) == expected


def test_calls_of_tools_are_part_of_an_answer() -> None:
    """Beside the words."""
    answered = {"choices": [{"message": {"content": "wait", "tool_calls": [TOOL]}}]}
    (told,) = conversation.answer_of(call({"messages": []}, answered))
    assert told.text.startswith("wait\n\n[")
    assert '"name": "look"' in told.text
