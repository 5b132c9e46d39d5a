"""Settings of the optimizer: levels, cache strategies, environment variables, presets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from flagbench_generators.kernel.problem import nearest


class OptimizationLevel(StrEnum):
    """The amount of work done at once: one thing, several, or as much as there is."""

    BASIC = "basic"
    MODERATE = "moderate"
    AGGRESSIVE = "aggressive"


class CacheStrategy(StrEnum):
    """The place where results are kept."""

    OFF = "off"
    MEMORY = "memory"
    DISK = "disk"
    HYBRID = "hybrid"


BASIC, MODERATE, AGGRESSIVE = OptimizationLevel
OFF, MEMORY, DISK, HYBRID = CacheStrategy

# Switched on above the basic level; variables of the environment and attributes come after it.
_SWITCHES = ("parallel_enabled", "batch_processing", "early_termination")
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "large_repository_analysis": {"optimization_level": AGGRESSIVE, "cache_strategy": HYBRID},
    "real_time_validation": {"optimization_level": MODERATE, "cache_strategy": MEMORY,
                             "request_throttling": True},
    "batch_processing": {"optimization_level": BASIC, "cache_strategy": DISK,
                         "batch_processing": True},
    "api_heavy_workload": {"request_throttling": True, "batch_processing": True,
                           "parallel_enabled": True},
}  # fmt: skip
# Requests at once at the aggressive level, for each worker: they wait, and need no processor.
_REQUESTS_A_WORKER = 4

_LOWER = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
# Of a service; empty where there is none.
Address = Annotated[str, Field(pattern=r"^(https?://[^/\s]+\S*)?$")]


@dataclass
class Settings:
    """Switches and bounds, by the names that the guide gives them. Times are in seconds.

    Each assignment is checked: `ValueError` for a value that an attribute cannot have.
    """

    optimization_level: Annotated[OptimizationLevel, _LOWER] = MODERATE
    cache_strategy: Annotated[CacheStrategy, _LOWER] = HYBRID
    max_workers: Count = 4
    parallel_enabled: bool = True
    cache_size: Count = 1000
    disk_cache_path: Path = Path("cache/performance_cache")
    request_throttling: bool = True
    max_requests_per_second: Count = 100
    batch_processing: bool = True
    batch_size: Count = 10
    max_batch_wait_time: Seconds = 1.0
    early_termination: bool = True
    request_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    api_base_url: Address = ""
    search_url: Address = ""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _TYPES:
            try:
                value = _TYPES[name].validate_python(value)
            except ValidationError as error:
                expected = error.errors()[0]["msg"].removeprefix("Input should be ")
                raise ValueError(f"{name} is {value!r}; expected: {expected}") from None
        super().__setattr__(name, value)

    def read_environment(self, environment: Mapping[str, str]) -> None:
        """Take what variables say, the level first. Raises `ValueError` naming all wrong ones."""
        problems = []
        for name in _TYPES:
            text = environment.get(variable_of(name), "").strip()
            try:
                if text and name == "optimization_level":
                    self.set_optimization_level(text)
                elif text:
                    setattr(self, name, text)
            except ValueError as error:
                problems.append(str(error).replace(name, variable_of(name), 1))
        if problems:
            raise ValueError("; ".join(problems))

    def set_optimization_level(self, level: OptimizationLevel | str) -> None:
        """Set a level, with all that it switches."""
        self.optimization_level = level  # type: ignore[assignment]  # checked and read above
        for name in _SWITCHES:
            setattr(self, name, self.optimization_level != BASIC)

    def set_cache_strategy(self, strategy: CacheStrategy | str) -> None:
        """Set the place where results are kept."""
        self.cache_strategy = strategy  # type: ignore[assignment]  # as above

    def optimize_for_scenario(self, scenario: str) -> dict[str, Any]:
        """Set a preset, see `PRESETS`. Returns its name, and the settings after it."""
        if scenario not in PRESETS:
            expected = nearest(scenario, list(PRESETS))
            raise ValueError(f"unknown scenario {scenario!r}; expected: {expected}")
        preset = PRESETS[scenario]
        if "optimization_level" in preset:
            self.set_optimization_level(preset["optimization_level"])
        for name, value in preset.items():
            setattr(self, name, value)
        return {"scenario": scenario, "settings": self.values}

    @property
    def values(self) -> dict[str, Any]:
        """All of them, as JSON values."""
        found = {name: getattr(self, name) for name in _TYPES}
        return {**found, "disk_cache_path": str(self.disk_cache_path)}

    @property
    def requests_at_once(self) -> int:
        """Requests that may be pending at the same time."""
        share = {BASIC: 0.5, MODERATE: 1, AGGRESSIVE: _REQUESTS_A_WORKER}[self.optimization_level]
        return max(int(share * self.max_workers), 1) if self.parallel_enabled else 1

    @property
    def uses_processes(self) -> bool:
        """True if local computing may use other processes."""
        is_aggressive = self.optimization_level == AGGRESSIVE
        return is_aggressive and self.parallel_enabled and self.max_workers > 1


_TYPES: Mapping[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind) for name, kind in get_type_hints(Settings, include_extras=True).items()
}
_VARIABLES = {"max_workers": "OPTIMIZATION_MAX_WORKERS", "search_url": "SRC_ENDPOINT",
              "parallel_enabled": "OPTIMIZATION_PARALLEL"}  # fmt: skip


def variable_of(setting: str) -> str:
    """The environment variable of a setting."""
    return _VARIABLES.get(setting, setting.upper())
