"""Flags of the Django pipeline, independent of each other."""

from dataclasses import dataclass

from flagbench_generators.kernel.flags import choice, factors_of, flag


@dataclass(frozen=True, slots=True, kw_only=True)
class RestFlags:
    """Level of every optimisation; the defaults are those of the seed's authors."""

    parallel: bool = flag(
        "ENABLE_PARALLEL_EXECUTION",
        "Independent agents run concurrently, and no review delays another file.",
        default=True,
    )
    cache: str = choice(
        "ENABLE_RESPONSE_CACHE",
        "Approved files are reused for the same ERD: in memory, on disk, or in both.",
        ("off", "memory", "disk", "both"),
        default="both",
    )
    approval: str = choice(
        "ENABLE_AUTO_APPROVAL",
        "Files with at least this quality score are approved without a person.",
        ("off", "0.9", "0.7", "0.8"),
        default="0.8",
    )
    recovery: bool = flag(
        "ENABLE_ERROR_RECOVERY",
        "The class of failure decides the recovery: a pause, another model, a patch, the rest.",
        default=True,
    )
    compressed: bool = flag(
        "ENABLE_COMPRESSED_STANDARDS",
        "Short standards in prompts, not the full ones.",
        default=False,
    )
    templates: bool = flag(
        "ENABLE_TEMPLATES",
        "Templates write the code of an ERD instead of the model.",
        default=False,
    )
    batch: bool = flag(
        "ENABLE_BATCH_REVIEW",
        "A person reviews all waiting files in one sitting, not each alone.",
        default=True,
    )

    @property
    def threshold(self) -> float | None:
        """The lowest score that is approved automatically, None if that is off."""
        return None if self.approval == "off" else float(self.approval)


FACTORS = factors_of(RestFlags)
