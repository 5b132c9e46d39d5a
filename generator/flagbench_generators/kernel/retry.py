"""How long to wait before another try, and when to give up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

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
# The third malformed answer to one question is a failure, whatever else went wrong between.
MAX_MALFORMED_ANSWERS = 3
FIXED_PAUSE_SECONDS = 2.0
GROWING_PAUSES_SECONDS = (1.0, 2.0, 4.0)
# A provider that still limits after these is given much longer.
PATIENT_PAUSES_SECONDS = (16.0, 32.0)


class Policy(Protocol):
    """What is done about a call that failed and a file that was rejected.

    `patches`: a rejected file is mended by a patch where that is possible; `names_issues`: who
    writes it again is told what was wrong.
    """

    @property
    def patches(self) -> bool: ...  # noqa: D102
    @property
    def names_issues(self) -> bool: ...  # noqa: D102

    def pause_seconds(self, retries: int, failure: CallFailed | None = None) -> float | None:
        """The pause before the next try, None for giving up."""

    async def call(
        self,
        attempt: Callable[[Chat, Prompt], Awaitable[T]],
        chat: Chat,
        prompt: Prompt,
        *,
        trace: Trace,
        agent: str,
    ) -> T:
        """Try until it works or the policy gives up, then raise the last `CallFailed`."""


async def wait(
    pause_seconds: float, retries: int, reason: str, *, trace: Trace, agent: str
) -> None:
    """Tell of a retry and wait for it."""
    trace(RETRY, agent=agent, attempt=retries, delay_seconds=pause_seconds, reason=reason)
    await asyncio.sleep(pause_seconds)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Plain: 2 s before each of three retries. Smart: 1, 2, 4 s, then 16 and 32 s for rate limits.

    The smart policy also honours what `retry-after` says, as the least to wait.
    """

    smart: bool
    names_issues: bool = True

    @property
    def patches(self) -> bool:
        """The smart policy does."""
        return self.smart

    def pause_seconds(self, retries: int, failure: CallFailed | None = None) -> float | None:
        """The pause after `retries` retries (from 0) failed too; None is giving up.

        Without a `failure` the pause is the one before a rejected artifact is made again.
        """
        if isinstance(failure, Refused):
            return None
        if not self.smart:
            return FIXED_PAUSE_SECONDS if retries < MAX_RETRIES else None
        limited = isinstance(failure, RateLimited)
        pauses = GROWING_PAUSES_SECONDS + (PATIENT_PAUSES_SECONDS if limited else ())
        if retries >= len(pauses):
            return None
        asked = failure.retry_after_seconds if isinstance(failure, RateLimited) else None
        return max(pauses[retries], asked or 0.0)

    async def call(
        self,
        attempt: Callable[[Chat, Prompt], Awaitable[T]],
        chat: Chat,
        prompt: Prompt,
        *,
        trace: Trace,
        agent: str,
    ) -> T:
        """Try until it works or the policy gives up, then raise the last `CallFailed`."""
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
