"""Tools for writing artifacts: chat, prompts and retry policy."""

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
    """A chat, the builder of its prompts, and the policy for failed calls."""

    chat: Chat
    prompts: PromptBuilder
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
        """Send a prompt and return `read(answer)`; `read` raises `Malformed` for unusable answers.

        Raises the last `CallFailed` when the policy gives up.
        """

        async def attempt(chat: Chat, prompt: Prompt) -> T:
            answer = await chat.ask(prompt, agent=agent, phase=phase, trace=trace)
            return read(prompt.partial_answer + answer)

        return await self.policy.call(attempt, self.chat, prompt, trace=trace, agent=agent)
