"""Recovery by the class of what went wrong: wait, another model, the rest of an answer, a patch."""

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

# Calls for one question that may go wrong before it is given up.
MAX_ATTEMPTS = 6
# A cut-off answer has not gone wrong. So often its rest is asked for before it is given up.
MAX_RESTS = 6
# Of 21,251 calls to gpt-4o-mini (gesad-lab/baes_berk_20251103) the slowest took 113 s.
PATIENCE_SECONDS = 120.0
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class RecoveryPolicy:
    """What is done by class of failure; `models` are the alternatives, in order.

    A rate limit: wait as told, then another model. A server fault, an answer that does not come in
    two minutes, a closed connection: a growing pause, from the second in a row on another model. A
    cut-off answer: its rest. Another answer without use: again at once. A rejected file: at once,
    by a patch, with the rules named.
    """

    models: Sequence[str] = ()
    patches: bool = True
    names_issues: bool = True

    def pause_seconds(self, retries: int, failure: CallFailed | None = None) -> float | None:
        """The pause before the next try, None for giving up."""
        if isinstance(failure, Refused) or retries >= MAX_ATTEMPTS - 1:
            return None
        if failure is None or isinstance(failure, Malformed):
            return 0.0
        asked = failure.retry_after_seconds if isinstance(failure, RateLimited) else None
        return PAUSES_SECONDS[retries] if asked is None else asked

    async def call(
        self,
        attempt: Callable[[Chat, Prompt], Awaitable[T]],
        chat: Chat,
        prompt: Prompt,
        *,
        trace: Trace,
        agent: str,
    ) -> T:
        """Try until it works or the attempts are used, then raise the last `CallFailed`."""
        retries = troubles = rests = 0
        models = (chat.model, *self.models)
        chat = replace(chat, patience_seconds=PATIENCE_SECONDS)
        while True:
            try:
                return await attempt(chat, prompt)
            except CutOff as cut:
                rests += 1
                if rests > MAX_RESTS:
                    raise
                prompt = replace(prompt, said=prompt.said + cut.text)
                pause, reason = 0.0, "CutOff, the rest is asked for"
            except CallFailed as failure:
                asked = self.pause_seconds(retries, failure)
                if asked is None:
                    raise
                retries += 1
                if not isinstance(failure, Malformed):
                    troubles += 1
                    # The first trouble is waited for; each after it is another model's turn.
                    chat = replace(chat, model=models[(troubles - 1) % len(models)])
                pause, reason = asked, f"{failure.reason}, {_step(failure, chat, models, troubles)}"
            await wait(pause, retries + rests, reason, trace=trace, agent=agent)


def _step(failure: CallFailed, chat: Chat, models: Sequence[str], troubles: int) -> str:
    """What is done about it, in words."""
    if isinstance(failure, Malformed):
        return "asked again"
    return f"now {chat.model}" if troubles > 1 and len(models) > 1 else "waited for"
