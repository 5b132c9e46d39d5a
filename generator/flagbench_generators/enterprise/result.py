"""The outcome of a session: the estimate by the seed's keys, held against what was measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NamedTuple

from flagbench_generators.enterprise.agents import crews
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
    """Use of an agent by the seed's keys, beside the seed's estimate.

    `measured_tokens` are those of prompts and answers, as the provider reported them;
    `over_budget_tokens` those by which an answer exceeded the budget, which counts by tiktoken;
    `dropped_components` had no budget left.
    """

    seed_tokens: int
    measured_tokens: int
    calls: int
    over_budget_tokens: int
    dropped_components: int


@dataclass(frozen=True)
class Outcome:
    """The files of a session of so many briefs, and what its events come to.

    `budget` is that of an agent in tokens, None without a limit.
    """

    artifacts: tuple[Artifact, ...]
    history: Sequence[Event]
    briefs: int
    seconds: float
    budget: int | None

    @cached_property
    def agents(self) -> Mapping[str, AgentUse]:
        """The use of each agent by name."""
        dropped = Counter(agent for _, agent, _ in self._dropped)
        found = {}
        for crew in crews():
            calls = [call for call in self._fields(events.LLM_CALL) if call["agent"] == crew.name]
            over = [each for each in self._fields(events.OVER_BUDGET) if each["agent"] == crew.name]
            found[crew.name] = AgentUse(
                seed_tokens=crew.estimated_tokens * self.briefs,
                measured_tokens=sum(
                    call["prompt_tokens"] + call["completion_tokens"] for call in calls
                ),
                calls=len(calls),
                over_budget_tokens=sum(each["over_tokens"] for each in over),
                dropped_components=dropped[crew.name],
            )
        return found

    @property
    def saved_tokens(self) -> int:
        """The tokens of prompts if each component had a call of its own, less those sent."""
        return sum(
            batch["alone_tokens"] - batch["prompt_tokens"]
            for batch in self._fields(events.BATCH_SENT)
        )

    @property
    def savings_percentage(self) -> float:
        """The estimate of what batches save, in percent of the tokens without them.

        0 without a call that was answered.
        """
        tokens = self._total("measured_tokens")
        return round(100 * self.saved_tokens / (tokens + self.saved_tokens), 2) if tokens else 0.0

    @property
    def generation_method(self) -> str:
        """The writers of the files: model, cache, templates, or several of them."""
        words = {Origin.MODEL: "model", Origin.MEMORY: "cache", Origin.TEMPLATE: "templates"}
        origins = {artifact.origin for artifact in self.artifacts}
        return " + ".join(word for origin, word in words.items() if origin in origins) or "nothing"

    @property
    def result(self) -> dict[str, Any]:
        """The result by the seed's keys, as JSON values."""
        return {
            "cost_optimization": {
                "estimated_cost_savings": {
                    "percentage": self.savings_percentage,
                    "tokens": self.saved_tokens,
                },
                "token_budget_per_agent": self.budget,
                "over_budget_tokens": self._total("over_budget_tokens"),
                "dropped_components": self._total("dropped_components"),
                "measured_tokens": self._total("measured_tokens"),
                "seed_tokens": self._total("seed_tokens"),
                "agents": {name: asdict(agent) for name, agent in self.agents.items()},
            },
            "summary": {
                "total_files": sum(each.origin is not Origin.FAILED for each in self.artifacts),
                "generation_method": self.generation_method,
                "seconds": self.seconds,
            },
        }

    @property
    def reported(self) -> Mapping[str, float]:
        """The session's own totals, which a benchmark holds against what it measured."""
        calls, tokens = self._total("calls"), self._total("measured_tokens")
        return {"calls": calls, "tokens": tokens, "seconds": self.seconds}

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The tokens of each agent, and the estimate of savings."""
        tokens = {
            f"{name}_tokens": Metric(agent.measured_tokens, "tokens")
            for name, agent in self.agents.items()
        }
        return {**tokens, "estimated_savings": Metric(self.savings_percentage, "%", "higher")}

    @property
    def rates(self) -> dict[str, tuple[int, int]]:
        """Name -> (part, whole).

        `cache_hit_rate`: hits of lookups. `template_usage_rate`: files by templates, of all.
        `batch_complete_rate`: components that were in the answer to a call for several, of those
        asked for. `budget_drop_rate`: components that no budget was left for, of all.
        """
        counts = Counter(event.name for event in self.history)
        lookups = counts[events.CACHE_HIT] + counts[events.CACHE_MISS]
        sizes = [batch["components"] for batch in self._fields(events.BATCH_SENT)]
        asked = sum(size for size in sizes if size > 1)
        templates = sum(artifact.origin is Origin.TEMPLATE for artifact in self.artifacts)
        return {
            "cache_hit_rate": (counts[events.CACHE_HIT], lookups),
            "template_usage_rate": (templates, len(self.artifacts)),
            "batch_complete_rate": (asked - counts[events.COMPONENT_MISSING], asked),
            "budget_drop_rate": (len(self._dropped), len(self.artifacts)),
        }

    @property
    def summary(self) -> list[str]:
        """The closing lines of a session: tokens by agent beside the seed's, and the savings."""
        lines = []
        for name, agent in self.agents.items():
            line = f"{name}: {agent.measured_tokens:,} tokens in {agent.calls} calls"
            line += f" (the seed's estimate: {agent.seed_tokens:,})"
            if agent.over_budget_tokens:
                line += f", {agent.over_budget_tokens:,} tokens over the budget"
            if agent.dropped_components:
                line += f", components without budget: {agent.dropped_components}"
            lines.append(line)
        return [
            *lines,
            f"estimated savings of batches: {self.savings_percentage:g}% of all tokens",
            f"written by: {self.generation_method}",
        ]

    def _total(self, name: str) -> int:
        return sum(getattr(agent, name) for agent in self.agents.values())

    def _fields(self, name: str) -> list[Mapping[str, Any]]:
        return [event.fields for event in self.history if event.name == name]

    @property
    def _dropped(self) -> set[tuple[str, str, str]]:
        """Request, agent and kind of each component that no budget was left for."""
        return {
            (event.request_id, event.fields["agent"], event.fields["kind"])
            for event in self.history
            if event.name == events.COMPONENT_DROPPED
        }
