"""Tools for writing artifacts: chat, prompts and retry policy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flagbench_generators.kernel.budget import Budget, account_of
from flagbench_generators.kernel.events import OVER_BUDGET, Trace
from flagbench_generators.kernel.llm import CallFailed, Chat, CutOff, Malformed, Prompt
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
            failure: CallFailed | None = None
            try:
                answer = await chat.ask(prompt, agent=agent, phase=phase, trace=trace)
            except CutOff as cut:
                answer, failure = cut.text, None if keeps_part else cut
            except Malformed as malformed:
                failure = malformed
            self._spend(prompt, answer, agent, phase, trace)
            if failure:
                raise failure
            return read(prompt.partial_answer + answer)

        return await self.policy.call(attempt, self.chat, prompt, trace=trace, agent=agent)

    def _spend(self, prompt: Prompt, answer: str, agent: str, phase: str, trace: Trace) -> None:
        """Count an answered call; an answer that was longer than the budget allows is an event."""
        if not self.budget:
            return
        account = account_of(agent, trace)
        over = self.budget.spend(account, prompt, answer)
        if over:
            trace(
                OVER_BUDGET, agent=agent, phase=phase, over_tokens=over,
                used_tokens=self.budget.used[account], budget_tokens=self.budget.limit,
            )  # fmt: skip
