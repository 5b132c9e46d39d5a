"""Recovery by class of failure: a pause, another model, the rest of an answer, a patch."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.llm import (
    CallFailed,
    Chat,
    CutOff,
    Malformed,
    Prompt,
    RateLimited,
    Refused,
)
from flagbench_generators.kernel.retry import wait

T = TypeVar("T")

# Failed calls for one prompt before it is given up.
MAX_ATTEMPTS = 6
# Requests for the rest of a cut-off answer, which is not a failure, before it is given up.
MAX_CONTINUATIONS = 6
# Of 21,251 calls to gpt-4o-mini (gesad-lab/baes_berk_20251103) the slowest took 113 s.
TIMEOUT_SECONDS = 120.0
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class RecoveryPolicy:
    """Handling by class of failure; `models` are the alternatives, in order.

    A rate limit: the pause of `retry-after`, then another model. A server error, a timeout (two
    minutes) or a closed connection: a growing pause, and another model from the second failure on.
    A cut-off answer: its rest is requested. A malformed answer or a rejected file: no pause; the
    file is patched, with the issues named.
    """

    models: Sequence[str] = ()
    patches: bool = True
    names_issues: bool = True

    def pause_seconds(self, retries: int, failure: CallFailed | None = None) -> float | None:
        """Return the pause before the next attempt, None for giving up."""
        if isinstance(failure, Refused) or retries >= MAX_ATTEMPTS - 1:
            return None
        if failure is None or isinstance(failure, Malformed):
            return 0.0
        retry_after = failure.retry_after_seconds if isinstance(failure, RateLimited) else None
        return PAUSES_SECONDS[retries] if retry_after is None else retry_after

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
        retries = failures = continuations = 0
        models = (chat.model, *self.models)
        chat = replace(chat, timeout_seconds=TIMEOUT_SECONDS)
        while True:
            try:
                return await attempt(chat, prompt)
            except CutOff as cut:
                continuations += 1
                if continuations > MAX_CONTINUATIONS:
                    raise
                prompt = replace(prompt, partial_answer=prompt.partial_answer + cut.text)
                pause, reason = 0.0, "CutOff, the rest is asked for"
            except CallFailed as failure:
                delay = self.pause_seconds(retries, failure)
                if delay is None:
                    raise
                retries += 1
                if not isinstance(failure, Malformed):
                    failures += 1
                    # The first failure repeats the same model; each further one takes the next.
                    chat = replace(chat, model=models[(failures - 1) % len(models)])
                pause, reason = (
                    delay,
                    f"{failure.reason}, {_describe_step(failure, chat, models, failures)}",
                )
            await wait(pause, retries + continuations, reason, trace=trace, agent=agent)


def _describe_step(failure: CallFailed, chat: Chat, models: Sequence[str], failures: int) -> str:
    """Describe how a failure is handled."""
    if isinstance(failure, Malformed):
        return "asked again"
    return f"now {chat.model}" if failures > 1 and len(models) > 1 else "waited for"
