"""Flags of the optimizer as factors, by the variables that its guide names."""

from dataclasses import dataclass

from flagbench_generators.kernel.flags import choice, factors_of, flag
from flagbench_generators.optimizer.settings import PRESETS, CacheStrategy, OptimizationLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerFlags:
    """Level of every optimisation; the defaults are those of the guide."""

    level: str = choice(
        "OPTIMIZATION_LEVEL", "The amount of work done at once.", (*OptimizationLevel,),
        default="moderate",
    )  # fmt: skip
    cache: str = choice(
        "CACHE_STRATEGY", "The place where results are kept.", (*CacheStrategy,), default="hybrid"
    )
    parallel: bool = flag("OPTIMIZATION_PARALLEL", "Several requests at once.", default=True)
    batching: bool = flag("BATCH_PROCESSING", "Several items in one request.", default=True)
    throttling: bool = flag("REQUEST_THROTTLING", "At most so many requests a second.",
                            default=True)  # fmt: skip
    early_termination: bool = flag(
        "EARLY_TERMINATION", "What cannot change a result is not done.", default=True
    )
    preset: str = choice("OPTIMIZATION_PRESET", "The settings for a kind of work.",
                         ("off", *PRESETS), default="off")  # fmt: skip


FACTORS = factors_of(OptimizerFlags)
