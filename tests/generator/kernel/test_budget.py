"""Budgets: a call that does not fit is not sent, and each account has its own."""

from pathlib import Path

import pytest
from scripted import Answer, bench, run

from flagbench_generators.kernel.budget import Budget, OverBudget
from flagbench_generators.kernel.llm import Prompt
from flagbench_generators.kernel.token_counter import count_tokens, prompt_tokens
from flagbench_generators.kernel.tools import Tools

PROMPT = Prompt("You count.", "Count this.")


def test_a_call_beyond_the_budget_is_not_sent(tmp_path: Path) -> None:
    """The first call is counted with its answer; a second one does not fit, and is not repeated."""
    at = bench(tmp_path, {("generate", "core"): [Answer("one two three")]})
    size = prompt_tokens(PROMPT) + count_tokens("one two three")
    budget = Budget(2 * size - 1)
    tools = Tools(at.tools.chat, at.tools.prompts, at.tools.policy, budget)

    async def ask(request: str, agent: str = "core") -> str:
        trace = at.heard.trace(request)
        return await tools.ask(
            PROMPT, str, agent=agent, phase="generate", trace=trace, answer_tokens=3
        )

    async def session() -> None:
        assert await ask("first") == "one two three"
        with pytest.raises(OverBudget, match=f"{size - 1} are left of {2 * size - 1}"):
            await ask("first")
        await ask("second")

    run(session())
    assert len(at.model.calls) == 2
    assert at.heard.pauses_seconds() == []
    assert dict(budget.used) == {"first/core": size, "second/core": size}


def test_without_a_limit_everything_fits() -> None:
    """And nothing is counted before a call."""
    assert Budget(None).fits("any", PROMPT, 10**9)
    assert not Budget(prompt_tokens(PROMPT)).fits("any", PROMPT, 1)
    assert Budget(prompt_tokens(PROMPT)).fits("any", PROMPT, 0)
