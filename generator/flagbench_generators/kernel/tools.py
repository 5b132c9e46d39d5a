"""Tools for writing artifacts: chat, prompts and retry policy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flagbench_generators.kernel.budget import Budget, account_of
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.llm import Chat, CutOff, Prompt
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.retry import Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tools:
    """A chat, the builder of its prompts, the policy for failed calls, and the budget of agents."""

    chat: Chat
    prompts: PromptBuilder
    policy: Policy
    budget: Budget | None = None

    async def ask(
        self,
        prompt: Prompt,
        read: Callable[[str], T],
        *,
        agent: str,
        phase: str,
        trace: Trace,
        answer_tokens: int = 0,
        keeps_part: bool = False,
    ) -> T:
        """Send a prompt and return `read(answer)`; `read` raises `Malformed` for unusable answers.

        `answer_tokens` are expected of the answer, for the budget. With `keeps_part`, an answer
        that was cut off is read like another one. Raises the last `CallFailed` when the policy
        gives up.
        """

        account = account_of(agent, trace)

        async def attempt(chat: Chat, prompt: Prompt) -> T:
            if self.budget:
                self.budget.check(account, prompt, answer_tokens)
            answer = ""
            try:
                answer = await chat.ask(prompt, agent=agent, phase=phase, trace=trace)
            except CutOff as cut:
                answer = cut.text
                if not keeps_part:
                    raise
            finally:
                if self.budget and answer:
                    self.budget.spend(account, prompt, answer)
            return read(prompt.partial_answer + answer)

        return await self.policy.call(attempt, self.chat, prompt, trace=trace, agent=agent)
