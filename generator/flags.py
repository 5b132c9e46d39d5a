"""The flags: six optimisations that can be switched on and off, each without the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")


def _flag(env: str, doc: str, *, default: bool) -> bool:
    value: bool = field(default=default, metadata={"env": env, "doc": doc})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Which optimisations are on. `Flags()` is what the optimisations' authors ship by default."""

    templates: bool = _flag(
        "ENABLE_TEMPLATES", "Templates write standard CRUD instead of the model.", default=True
    )
    confidence: bool = _flag(
        "ENABLE_CONFIDENCE_VALIDATION", "Rules review; the model only where unsure.", default=True
    )
    cache: bool = _flag(
        "ENABLE_RECOGNITION_CACHE", "A request recognised before is not asked again.", default=True
    )
    compressed: bool = _flag(
        "ENABLE_COMPRESSED_STANDARDS",
        "Short standards in prompts, not the full ones.",
        default=True,
    )
    parallel: bool = _flag(
        "ENABLE_PARALLEL_EXECUTION", "Independent agents run together, in waves.", default=False
    )
    retry: bool = _flag(
        "ENABLE_SMART_RETRY", "Growing pauses, and patches instead of rewrites.", default=False
    )

    @classmethod
    def none(cls) -> "Flags":
        """Every optimisation off: the plain pipeline."""
        return cls(**dict.fromkeys((one.name for one in fields(cls)), False))

    @classmethod
    def all(cls) -> "Flags":
        """Every optimisation on."""
        return cls(**dict.fromkeys((one.name for one in fields(cls)), True))

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Flags":
        """The flags that an environment sets; the others keep their defaults.

        Raises `ValueError` naming every variable whose value is neither true nor false.
        """
        values, wrong = {}, []
        for one in fields(cls):
            text = environment.get(one.metadata["env"])
            if text is None:
                continue
            if text.strip().lower() not in _TRUE + _FALSE:
                wrong.append(f"{one.metadata['env']}={text!r}")
            values[one.name] = text.strip().lower() in _TRUE
        if wrong:
            right = f"right would be {'/'.join(_TRUE)} or {'/'.join(_FALSE)}"
            raise ValueError(f"{', '.join(wrong)}: {right}")
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Factor:
    """A flag as something to vary: the first level is off."""

    name: str
    env: str
    levels: tuple[str, ...]
    doc: str
    default: str


FACTORS = tuple(
    Factor(
        name=one.name,
        env=one.metadata["env"],
        levels=("false", "true"),
        doc=one.metadata["doc"],
        default="true" if one.default else "false",
    )
    for one in fields(Flags)
)
