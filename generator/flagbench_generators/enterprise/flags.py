"""Flags of the enterprise pipeline, by the seed's names."""

from dataclasses import dataclass

from flagbench_generators.kernel.flags import choice, factors_of, flag


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOptimizationConfig:
    """Level of every optimisation; the defaults are those of the seed's authors."""

    max_parallel_agents: str = choice(
        "MAX_PARALLEL_AGENTS",
        "So many of the six agents work at the same time.",
        ("1", "2", "3", "6"),
        default="3",
    )
    batch_size: str = choice(
        "BATCH_SIZE",
        "So many components are asked for in one call.",
        ("1", "3", "5"),
        default="5",
    )
    token_budget_per_agent: str = choice(
        "TOKEN_BUDGET_PER_AGENT",
        "An agent uses at most so many tokens for one brief.",
        ("off", "2000", "4000"),
        default="4000",
    )
    enable_caching: bool = flag(
        "ENABLE_CACHING", "Files are reused for equal components of a brief.", default=True
    )
    prioritize_core_components: bool = flag(
        "PRIORITIZE_CORE_COMPONENTS",
        "Core first, then security and DevOps, then the others, with the files before as context.",
        default=True,
    )
    enable_context_compression: bool = flag(
        "ENABLE_CONTEXT_COMPRESSION",
        "Short standards and signatures of files in prompts, not the full texts.",
        default=True,
    )
    enable_template_fallback: bool = flag(
        "ENABLE_TEMPLATE_FALLBACK",
        "Simplified templates write what the model could not.",
        default=True,
    )

    @property
    def budget(self) -> int | None:
        """The budget of an agent in tokens, None without a limit."""
        limit = self.token_budget_per_agent
        return None if limit == "off" else int(limit)


FACTORS = factors_of(CostOptimizationConfig)
