"""Token usage of a call: tokens of the prompt and of the completion, with their sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Origin of a number of tokens; MIXED for a sum of both."""

    COUNTED = "counted"
    REPORTED = "reported"
    MIXED = "mixed"


def joined(sources: Iterable[Source]) -> Source:
    """The source of a sum; nothing is counted as nothing."""
    distinct = set(sources)
    return distinct.pop() if len(distinct) == 1 else Source.MIXED if distinct else Source.COUNTED


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens of one kind in a call, by `source`.

    `counted` and `reported` are both figures, None where counting is impossible or where the
    provider reports nothing.
    """

    tokens: int
    source: Source
    counted: int | None
    reported: int | None


NOTHING = Amount(0, Source.COUNTED, None, None)


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of a call, none for an error.

    `model` is the one that the request names. `cached_prompt_tokens` are part of the prompt,
    `reasoning_tokens` of the completion; None where they are unknown. `is_billed` is False for a
    call that uses no tokens.
    """

    status: int
    finish_reason: str
    model: str
    prompt: Amount
    completion: Amount
    cached_prompt_tokens: int | None
    reasoning_tokens: int | None
    is_billed: bool = True

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the prompt, cached ones included."""
        return self.prompt.tokens

    @property
    def completion_tokens(self) -> int:
        """Tokens of the completion, reasoning included."""
        return self.completion.tokens

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.prompt.tokens + self.completion.tokens


def unbilled(status: int) -> TokenUsage:
    """The usage of an error, or of a call that uses no tokens."""
    return TokenUsage(status, "", "", NOTHING, NOTHING, 0, 0, is_billed=False)


@dataclass(frozen=True, slots=True)
class UnknownUsage:
    """Reason why the tokens of a call are unknown: they can be neither counted nor read."""

    reason: str
