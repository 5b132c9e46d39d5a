"""The result of a session by the seed's keys: the estimate held against what was measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flagbench_generators.enterprise.agents import crews
from flagbench_generators.enterprise.flags import CostOptimizationConfig
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact, Origin
from flagbench_generators.kernel.events import Event


class Metric(NamedTuple):
    """A number of a session; `better` is lower or higher."""

    value: float
    unit: str
    better: str = "lower"


@dataclass(frozen=True, slots=True)
class AgentUse:
    """Use of an agent, beside the seed's estimate, all in tokens but `calls` and `dropped`.

    `over_budget_tokens` are those by which an answer exceeded the budget, which counts prompts and
    answers by tiktoken; `dropped` are the components that no budget was left for.
    """

    name: str
    seed_tokens: int
    prompt_tokens: int
    completion_tokens: int
    calls: int
    over_budget_tokens: int
    dropped: int

    @property
    def tokens(self) -> int:
        """The tokens of prompts and answers, as the provider reported them."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def budget_words(self) -> str:
        """Words on what the budget did not suffice for, "" if it did."""
        words = ""
        if self.over_budget_tokens:
            words += f", {self.over_budget_tokens:,} tokens over the budget"
        if self.dropped:
            words += f", components without budget: {self.dropped}"
        return words


@dataclass(frozen=True, slots=True)
class Result:
    """Use by agent, the estimate of savings, and the files by their origin.

    `alone_tokens` are those of the prompts if each component had a call of its own,
    `sent_tokens` those of the prompts as they were sent, each once.
    """

    agents: tuple[AgentUse, ...]
    alone_tokens: int
    sent_tokens: int
    origins: Mapping[str, int]
    seconds: float

    @classmethod
    def of(
        cls, history: Sequence[Event], artifacts: Sequence[Artifact], briefs: int, seconds: float
    ) -> "Result":
        """Sum the events of a session."""
        calls = [event.fields for event in history if event.name == events.LLM_CALL]
        batches = [event.fields for event in history if event.name == events.BATCH_SENT]
        over = [event.fields for event in history if event.name == events.OVER_BUDGET]
        dropped = _dropped(history)
        agents = []
        for crew in crews():
            own = [call for call in calls if call["agent"] == crew.name]
            agents.append(
                AgentUse(
                    crew.name,
                    crew.estimated_tokens * briefs,
                    sum(call["prompt_tokens"] for call in own),
                    sum(call["completion_tokens"] for call in own),
                    len(own),
                    sum(call["over_tokens"] for call in over if call["agent"] == crew.name),
                    sum(agent == crew.name for _, agent, _ in dropped),
                )
            )
        return cls(
            tuple(agents),
            sum(batch["alone_tokens"] for batch in batches),
            sum(batch["prompt_tokens"] for batch in batches),
            Counter(str(artifact.origin) for artifact in artifacts),
            seconds,
        )

    @property
    def tokens(self) -> int:
        """All tokens."""
        return sum(agent.tokens for agent in self.agents)

    @property
    def calls(self) -> int:
        """All calls with an answer."""
        return sum(agent.calls for agent in self.agents)

    @property
    def savings_percentage(self) -> float:
        """The estimate of what batches save, in percent of the tokens without them.

        0 without a call that was answered.
        """
        if not self.tokens:
            return 0.0
        saved = self.alone_tokens - self.sent_tokens
        without = self.tokens + saved
        return round(100 * saved / without, 2)

    @property
    def generation_method(self) -> str:
        """The writers of the files: model, cache, templates, or several of them."""
        words = {Origin.MODEL: "model", Origin.MEMORY: "cache", Origin.TEMPLATE: "templates"}
        named = [word for origin, word in words.items() if self.origins.get(origin)]
        return " + ".join(named) or "nothing"

    def as_mapping(self, config: CostOptimizationConfig) -> dict[str, Any]:
        """The result by the seed's keys, as JSON values."""
        return {
            "cost_optimization": {
                "estimated_cost_savings": {
                    "percentage": self.savings_percentage,
                    "tokens": self.alone_tokens - self.sent_tokens,
                },
                "token_budget_per_agent": config.budget,
                "over_budget_tokens": sum(agent.over_budget_tokens for agent in self.agents),
                "dropped_components": sum(agent.dropped for agent in self.agents),
                "measured_tokens": self.tokens,
                "seed_tokens": sum(agent.seed_tokens for agent in self.agents),
                "agents": {
                    agent.name: {
                        "seed_tokens": agent.seed_tokens,
                        "measured_tokens": agent.tokens,
                        "calls": agent.calls,
                        "over_budget_tokens": agent.over_budget_tokens,
                        "dropped_components": agent.dropped,
                    }
                    for agent in self.agents
                },
            },
            "summary": {
                "total_files": sum(
                    count for origin, count in self.origins.items() if origin != Origin.FAILED
                ),
                "generation_method": self.generation_method,
                "seconds": self.seconds,
            },
        }

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The tokens of each agent, and the estimate of savings."""
        tokens = {f"{agent.name}_tokens": Metric(agent.tokens, "tokens") for agent in self.agents}
        return {**tokens, "estimated_savings": Metric(self.savings_percentage, "%", "higher")}

    @property
    def lines(self) -> list[str]:
        """The closing lines of a session: tokens by agent beside the seed's, and the savings."""
        lines = [
            f"{agent.name}: {agent.tokens:,} tokens in {agent.calls} calls"
            f" (the seed's estimate: {agent.seed_tokens:,}){agent.budget_words}"
            for agent in self.agents
        ]
        return [
            *lines,
            f"estimated savings of batches: {self.savings_percentage:g}% of all tokens",
            f"written by: {self.generation_method}",
        ]


def rates(history: Sequence[Event], artifacts: Sequence[Artifact]) -> dict[str, tuple[int, int]]:
    """Count name -> (part, whole).

    `cache_hit_rate`: hits of lookups. `template_usage_rate`: files by templates, of all.
    `batch_complete_rate`: components that were in the answer to a call for several, of those asked
    for. `budget_drop_rate`: components that no budget was left for, of all.
    """
    counts = Counter(event.name for event in history)
    lookups = counts[events.CACHE_HIT] + counts[events.CACHE_MISS]
    sizes = [event.fields["components"] for event in history if event.name == events.BATCH_SENT]
    asked = sum(size for size in sizes if size > 1)
    templates = sum(artifact.origin is Origin.TEMPLATE for artifact in artifacts)
    return {
        "cache_hit_rate": (counts[events.CACHE_HIT], lookups),
        "template_usage_rate": (templates, len(artifacts)),
        "batch_complete_rate": (asked - counts[events.COMPONENT_MISSING], asked),
        "budget_drop_rate": (len(_dropped(history)), len(artifacts)),
    }


def _dropped(history: Sequence[Event]) -> set[tuple[str, str, str]]:
    """Request, agent and kind of each component that no budget was left for."""
    return {
        (event.request_id, event.fields["agent"], event.fields["kind"])
        for event in history
        if event.name == events.COMPONENT_DROPPED
    }
