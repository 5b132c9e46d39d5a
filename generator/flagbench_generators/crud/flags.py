"""Flags of the CRUD pipeline: six independent optimisations."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from flagbench_generators.kernel.flags import factors_of, flag, from_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """On/off state of every optimisation; the defaults are those of the optimisations' authors."""

    templates: bool = flag(
        "ENABLE_TEMPLATES", "Templates write standard CRUD instead of the model.", default=True
    )
    confidence: bool = flag(
        "ENABLE_CONFIDENCE_VALIDATION",
        "Rules review; the model only if they are uncertain.",
        default=True,
    )
    cache: bool = flag("ENABLE_RECOGNITION_CACHE", "Recognised requests are cached.", default=True)
    compressed: bool = flag(
        "ENABLE_COMPRESSED_STANDARDS",
        "Short standards in prompts, not the full ones.",
        default=True,
    )
    parallel: bool = flag(
        "ENABLE_PARALLEL_EXECUTION", "Independent agents run concurrently, in waves.", default=False
    )
    retry: bool = flag(
        "ENABLE_SMART_RETRY", "Growing pauses, and patches instead of rewrites.", default=False
    )

    @classmethod
    def none(cls) -> "Flags":
        """Switch every optimisation off: the plain pipeline."""
        return cls(**dict.fromkeys((variable.name for variable in fields(cls)), False))

    @classmethod
    def all(cls) -> "Flags":
        """Switch every optimisation on."""
        return cls(**dict.fromkeys((variable.name for variable in fields(cls)), True))

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Flags":
        """Read the flags from an environment; unset flags keep their defaults.

        Raises `ValueError` naming every variable whose value is neither true nor false.
        """
        return from_environment(cls, environment)


FACTORS = factors_of(Flags)
