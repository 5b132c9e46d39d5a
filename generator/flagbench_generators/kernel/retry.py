"""Retry policies: pauses between attempts, and the number of attempts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from flagbench_generators.kernel.budget import OverBudget
from flagbench_generators.kernel.events import RETRY, Trace
from flagbench_generators.kernel.llm import (
    CallFailed,
    Chat,
    Malformed,
    Prompt,
    RateLimited,
    Refused,
)

T = TypeVar("T")

MAX_RETRIES = 3
# The third malformed answer to a prompt is a failure, whatever failed in between.
MAX_MALFORMED_ANSWERS = 3
FIXED_PAUSE_SECONDS = 2.0
GROWING_PAUSES_SECONDS = (1.0, 2.0, 4.0)
# Longer pauses for a provider whose rate limit outlasts these.
LONG_PAUSES_SECONDS = (16.0, 32.0)


class Policy(Protocol):
    """Handling of failed calls and rejected files.

    `patches`: a rejected file is patched where possible. `names_issues`: the prompt for a rewrite
    lists the issues of the review.
    """

    @property
    def patches(self) -> bool: ...  # noqa: D102
    @property
    def names_issues(self) -> bool: ...  # noqa: D102

    def pause_seconds(self, retries: int, failure: CallFailed | None = None) -> float | None:
        """Return the pause before the next attempt, None for giving up."""

    async def call(
        self,
        attempt: Callable[[Chat, Prompt], Awaitable[T]],
        chat: Chat,
        prompt: Prompt,
        *,
        trace: Trace,
        agent: str,
    ) -> T:
        """Repeat an attempt until it succeeds. Raises the last `CallFailed` on giving up."""


async def wait(
    pause_seconds: float, retries: int, reason: str, *, trace: Trace, agent: str
) -> None:
    """Emit a retry event and sleep for its pause."""
    trace(RETRY, agent=agent, attempt=retries, delay_seconds=pause_seconds, reason=reason)
    await asyncio.sleep(pause_seconds)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Fixed or growing pauses.

    Plain: 2 s before each of three retries. Smart: 1, 2, 4 s, then 16 and 32 s for rate limits, and
    never less than `retry-after`.
    """

    smart: bool
    names_issues: bool = True

    @property
    def patches(self) -> bool:
        """True for the smart policy."""
        return self.smart

    def pause_seconds(self, retries: int, failure: CallFailed | None = None) -> float | None:
        """Return the pause after `retries` failed retries (from 0); None for giving up.

        Without a `failure`, it is the pause before a rejected artifact is written again.
        """
        if isinstance(failure, Refused | OverBudget):
            return None
        if not self.smart:
            return FIXED_PAUSE_SECONDS if retries < MAX_RETRIES else None
        limited = isinstance(failure, RateLimited)
        pauses = GROWING_PAUSES_SECONDS + (LONG_PAUSES_SECONDS if limited else ())
        if retries >= len(pauses):
            return None
        retry_after = failure.retry_after_seconds if isinstance(failure, RateLimited) else None
        return max(pauses[retries], retry_after or 0.0)

    async def call(
        self,
        attempt: Callable[[Chat, Prompt], Awaitable[T]],
        chat: Chat,
        prompt: Prompt,
        *,
        trace: Trace,
        agent: str,
    ) -> T:
        """Repeat an attempt until it succeeds. Raises the last `CallFailed` on giving up."""
        retries = malformed = 0
        while True:
            try:
                return await attempt(chat, prompt)
            except CallFailed as failure:
                malformed += isinstance(failure, Malformed)
                pause = self.pause_seconds(retries, failure)
                if pause is None or malformed == MAX_MALFORMED_ANSWERS:
                    raise
                retries += 1
                await wait(pause, retries, failure.reason, trace=trace, agent=agent)
