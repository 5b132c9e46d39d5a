"""What the work on an artifact is done with: someone to ask, what to tell them, when to retry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.llm import Chat, Prompt
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.retry import Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tools:
    """A chat, the briefs to send it, and the policy for calls that fail."""

    chat: Chat
    briefs: PromptBuilder
    policy: Policy

    async def ask(
        self,
        prompt: Prompt,
        read: Callable[[str], T],
        *,
        agent: str,
        phase: str,
        trace: Trace,
    ) -> T:
        """The answer as `read` makes it; `read` raises `Malformed` for one that is of no use.

        Raises the last `CallFailed` when the policy gives up.
        """

        async def attempt(chat: Chat, prompt: Prompt) -> T:
            answer = await chat.ask(prompt, agent=agent, phase=phase, trace=trace)
            return read(prompt.said + answer)

        return await self.policy.call(attempt, self.chat, prompt, trace=trace, agent=agent)
