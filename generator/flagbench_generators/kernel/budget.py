"""A budget of tokens for each agent, enforced by counting before a call."""

from collections import Counter
from dataclasses import dataclass, field

from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.llm import CallFailed, Prompt
from flagbench_generators.kernel.token_counter import count_tokens, prompt_tokens


class OverBudget(CallFailed):
    """A call that does not fit into what is left of the agent's budget; it was not sent."""


def account_of(agent: str, trace: Trace) -> str:
    """The account of an agent at work on the request of a trace."""
    return f"{trace.request_id}/{agent}"


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens of prompts and answers that each account may use; None is without a limit.

    An account is an agent at work on one request; `used` has what each has used.
    """

    limit: int | None
    used: Counter[str] = field(default_factory=Counter)

    def fits(self, account: str, prompt: Prompt, answer_tokens: int) -> bool:
        """Tell whether a prompt and an answer of this size fit into what is left."""
        if self.limit is None:
            return True
        return self.used[account] + prompt_tokens(prompt) + answer_tokens <= self.limit

    def check(self, account: str, prompt: Prompt, answer_tokens: int) -> None:
        """Raise `OverBudget` for a call that does not fit."""
        if not self.fits(account, prompt, answer_tokens):
            left = (self.limit or 0) - self.used[account]
            needed = prompt_tokens(prompt) + answer_tokens
            raise OverBudget(f"the call takes {needed} tokens, {left} are left of {self.limit}")

    def spend(self, account: str, prompt: Prompt, answer: str) -> int:
        """Count a call with its answer; return the tokens beyond the limit, 0 for none."""
        self.used[account] += prompt_tokens(prompt) + count_tokens(answer)
        return 0 if self.limit is None else max(self.used[account] - self.limit, 0)
