"""The older API of completions: a prompt that is continued."""

from collections.abc import Mapping
from typing import Any

from flagbench.cassette.usage.counts import Counts
from flagbench.cassette.usage.tally import count_encoded_or_text, mappings

PATH = "/completions"
# The models of this API are older than the encoding of the chat models.
DEFAULT_ENCODING: str | None = None


def fits(request: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """True for a list of choices to a request with a prompt."""
    return isinstance(answer.get("choices"), list) and "prompt" in request


def count(request: Mapping[str, Any], answer: Mapping[str, Any], counts: Counts) -> str:
    """Add the prompt, as it is, and the texts of all choices."""
    count_encoded_or_text(request.get("prompt"), counts.prompt)
    counts.prompt.text(request.get("suffix"))
    if (request.get("best_of") or 1) != (request.get("n") or 1):
        counts.completion.cannot_count("answers that were generated and not sent")
    if request.get("echo"):
        counts.completion.cannot_count("an answer that repeats its prompt")
    choices = mappings(answer.get("choices"), "choices", counts.completion)
    for choice in choices:
        counts.completion.text(choice.get("text"))
    return str(choices[0].get("finish_reason") or "") if choices else ""
