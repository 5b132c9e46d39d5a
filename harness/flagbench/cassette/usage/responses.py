"""The Responses API: instructions and items, counted as the messages of a chat."""

from collections.abc import Mapping
from typing import Any

from flagbench import tokenizer_choice
from flagbench.cassette.usage.chat import count_message
from flagbench.cassette.usage.content import count_content, count_function_call
from flagbench.cassette.usage.counts import Counts
from flagbench.cassette.usage.tally import Tally, mapping, mappings
from flagbench.cassette.usage.tools import count_schema_of_answer, count_tools
from flagbench.tokenizer import TOKENS_PER_MESSAGE, TOKENS_PER_REPLY

PATH = "/responses"
DEFAULT_ENCODING: str | None = tokenizer_choice.DEFAULT

# Keys of a request that stand for texts which the provider keeps.
_KEPT_TEXTS = {
    "previous_response_id": "the responses before this",
    "conversation": "the conversation before this",
    "prompt": "a prompt that the provider keeps",
}
_CALLS = ("function_call", "custom_tool_call")
_CALL_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_CUT_OFF = {"max_output_tokens": "length"}


def fits(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:  # noqa: ARG001  the interface of a shape
    """True for a response."""
    return answer.get("object") == "response" or isinstance(answer.get("output"), list)


def count(request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:
    """Add the instructions, the input, the tools and the items of the output."""
    _count_input(request, counts.prompt)
    count_tools(request, counts.prompt)
    count_schema_of_answer(mapping(request.get("text")).get("format"), counts.prompt)
    if answer.get("status") in ("queued", "in_progress", "failed", "cancelled"):
        counts.completion.cannot_count(f"an answer that is {answer['status']}")
    for item in mappings(answer.get("output"), "items", counts.completion):
        _count_output(item, counts)
    reason = mapping(answer.get("incomplete_details")).get("reason")
    return _CUT_OFF.get(str(reason), str(reason or answer.get("status") or ""))


def _count_input(request: Mapping[str, Any], tally: Tally) -> None:
    for name, text in _KEPT_TEXTS.items():
        if request.get(name) is not None:
            tally.cannot_count(text)
    tally.add(TOKENS_PER_REPLY)
    if request.get("instructions"):
        count_message({"role": "system", "content": request["instructions"]}, tally)
    asked = request.get("input")
    if isinstance(asked, str):
        count_message({"role": "user", "content": asked}, tally)
        return
    for item in mappings(asked, "items", tally):
        _count_item(item, tally)


def _count_item(item: Mapping[str, Any], tally: Tally) -> None:
    kind = item.get("type", "message")
    if kind == "message":
        count_message(item, tally)
    elif kind in _CALLS:
        count_message({"role": "assistant", "tool_calls": [item]}, tally)
    elif kind in _CALL_OUTPUTS:
        count_message({"role": "tool", "content": item.get("output")}, tally)
    elif kind == "reasoning" and item.get("content") and not item.get("encrypted_content"):
        tally.add(TOKENS_PER_MESSAGE)
        count_content(item["content"], tally)
    else:
        tally.cannot_count(f"an item of type {kind!r}")


def _count_output(item: Mapping[str, Any], counts: Counts) -> None:
    kind = item.get("type")
    if kind == "message":
        count_content(item.get("content"), counts.completion)
    elif kind in _CALLS:
        count_function_call(item, counts.completion)
    elif kind == "reasoning" and item.get("content"):
        for tally in (counts.completion, counts.reasoning):
            count_content(item["content"], tally)
    elif kind == "reasoning":
        counts.completion.cannot_count("hidden reasoning")
    else:
        counts.completion.cannot_count(f"an item of type {kind!r}")
