"""Chat completions: messages by the formula of the OpenAI cookbook, answers by their texts."""

from collections.abc import Mapping
from typing import Any

from flagbench import tokenizer_choice
from flagbench.cassette.usage.content import count_content, count_function_call
from flagbench.cassette.usage.counts import Counts
from flagbench.cassette.usage.tally import Tally, mapping, mappings
from flagbench.cassette.usage.tools import count_schema_of_answer, count_tools
from flagbench.tokenizer import TOKENS_PER_MESSAGE, TOKENS_PER_REPLY

PATH = "/chat/completions"
DEFAULT_ENCODING: str | None = tokenizer_choice.DEFAULT

# The cookbook: a name costs 1 token in addition to its text.
_TOKENS_PER_NAME = 1
# What providers call the visible reasoning of a message; some send it under both names.
_REASONING = ("reasoning_content", "reasoning")


def fits(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """True for a list of choices to a request with messages."""
    return isinstance(answer.get("choices"), list) and "messages" in request


def count(request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:
    """Add the messages, the tools and the messages of all choices."""
    count_messages(request.get("messages"), counts.prompt)
    count_tools(request, counts.prompt)
    count_schema_of_answer(request.get("response_format"), counts.prompt)
    if request.get("web_search_options") is not None:
        counts.prompt.cannot_count("the results of a search")
    if request.get("prediction") is not None:
        counts.completion.cannot_count("the refused part of a prediction, which is billed")
    choices = mappings(answer.get("choices"), "choices", counts.completion)
    for choice in choices:
        _count_answer(choice.get("message"), counts)
    return str(choices[0].get("finish_reason") or "") if choices else ""


def count_messages(messages: object, tally: Tally) -> None:
    """Add the messages of a prompt, and the tokens that prime the answer."""
    tally.add(TOKENS_PER_REPLY)
    for message in mappings(messages, "messages", tally):
        count_message(message, tally)


def count_message(message: Mapping[str, Any], tally: Tally) -> None:
    """Add one message of a prompt."""
    tally.add(TOKENS_PER_MESSAGE)
    tally.text(message.get("role"))
    if message.get("name") is not None:
        tally.add(_TOKENS_PER_NAME)
        tally.text(message["name"])
    _count_said(message, tally)
    count_content(_reasoning_of(message), tally)


def _count_answer(message: object, counts: Counts) -> None:
    if not isinstance(message, dict):
        counts.completion.text(message)
        return
    _count_said(message, counts.completion)
    for tally in (counts.completion, counts.reasoning):
        count_content(_reasoning_of(message), tally)


def _count_said(message: Mapping[str, Any], tally: Tally) -> None:
    """Add what a message says and calls, without its reasoning."""
    count_content(message.get("content"), tally)
    tally.text(message.get("refusal"))
    for call in mappings(message.get("tool_calls"), "tool calls", tally):
        count_function_call(call, tally)
    if message.get("function_call") is not None:
        count_function_call(mapping(message["function_call"]), tally)
    if message.get("audio") is not None:
        tally.cannot_count("audio")


def _reasoning_of(message: Mapping[str, Any]) -> object:
    return next((message[name] for name in _REASONING if message.get(name)), None)
