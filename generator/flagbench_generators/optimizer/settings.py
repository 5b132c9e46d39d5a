"""Settings of the optimizer: levels, cache strategies, environment variables, presets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any


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

# What a level switches on; variables of the environment and attributes come after it.
OF_LEVEL: Mapping[OptimizationLevel, Mapping[str, bool]] = {
    BASIC: {"parallel_enabled": False, "batch_processing": False, "early_termination": False},
    MODERATE: {"parallel_enabled": True, "batch_processing": True, "early_termination": True},
    AGGRESSIVE: {"parallel_enabled": True, "batch_processing": True, "early_termination": True},
}
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "large_repository_analysis": {
        "optimization_level": AGGRESSIVE, "cache_strategy": HYBRID,
        "parallel_enabled": True, "batch_processing": True,
    },
    "real_time_validation": {
        "optimization_level": MODERATE, "cache_strategy": MEMORY, "request_throttling": True,
    },
    "batch_processing": {
        "optimization_level": BASIC, "cache_strategy": DISK, "batch_processing": True,
    },
    "api_heavy_workload": {
        "request_throttling": True, "batch_processing": True, "parallel_enabled": True,
    },
}  # fmt: skip
# Requests at once at the aggressive level, for each worker: they wait, and need no processor.
_REQUESTS_A_WORKER = 4
_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True,
             "false": False, "0": False, "no": False, "off": False}  # fmt: skip


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9


def _seconds(value: Any) -> bool:
    return value == 0 or _positive(value)


@dataclass(frozen=True, slots=True)
class _Kind:
    """The values that an attribute may have: how they are read, which are valid, in words."""

    read: Callable[[str], Any]
    is_valid: Callable[[Any], bool]
    expected: str


_SWITCH = _Kind(lambda text: _BOOLEANS[text.lower()], lambda value: isinstance(value, bool),
                "true or false")  # fmt: skip
_URL = _Kind(str, lambda value: value == "" or re.match(r"https?://[^/\s]", str(value)) is not None,
             "an address such as http://localhost:8000")  # fmt: skip
_COUNT = _Kind(int, _count, "a whole number from 1")
# Attribute -> variable, kind.
VARIABLES: Mapping[str, tuple[str, _Kind]] = {
    "optimization_level": ("OPTIMIZATION_LEVEL", _Kind(
        lambda text: OptimizationLevel(text.lower()),
        lambda value: value in list(OptimizationLevel), ", ".join(OptimizationLevel))),
    "cache_strategy": ("CACHE_STRATEGY", _Kind(
        lambda text: CacheStrategy(text.lower()),
        lambda value: value in list(CacheStrategy), ", ".join(CacheStrategy))),
    "max_workers": ("OPTIMIZATION_MAX_WORKERS", _COUNT),
    "parallel_enabled": ("OPTIMIZATION_PARALLEL", _SWITCH),
    "cache_size": ("CACHE_SIZE", _COUNT),
    "disk_cache_path": ("DISK_CACHE_PATH", _Kind(
        Path, lambda value: isinstance(value, (str, Path)), "a folder")),
    "request_throttling": ("REQUEST_THROTTLING", _SWITCH),
    "max_requests_per_second": ("MAX_REQUESTS_PER_SECOND", _COUNT),
    "batch_processing": ("BATCH_PROCESSING", _SWITCH),
    "batch_size": ("BATCH_SIZE", _COUNT),
    "max_batch_wait_time": ("MAX_BATCH_WAIT_TIME", _Kind(
        float, _seconds, "seconds, 0 or more")),
    "early_termination": ("EARLY_TERMINATION", _SWITCH),
    "api_base_url": ("API_BASE_URL", _URL),
    "search_url": ("SRC_ENDPOINT", _URL),
    "request_timeout": ("REQUEST_TIMEOUT", _Kind(float, _positive, "seconds, more than 0")),
}  # fmt: skip


@dataclass
class Settings:
    """Switches and bounds, by the names that the guide gives them. Times are in seconds.

    Each assignment is checked: `ValueError` for a value that an attribute cannot have.
    """

    optimization_level: OptimizationLevel = MODERATE
    cache_strategy: CacheStrategy = HYBRID
    max_workers: int = 4
    parallel_enabled: bool = True
    cache_size: int = 1000
    disk_cache_path: Path = Path("cache/performance_cache")
    request_throttling: bool = True
    max_requests_per_second: int = 100
    batch_processing: bool = True
    batch_size: int = 10
    max_batch_wait_time: float = 1.0
    early_termination: bool = True
    request_timeout: float = 30.0
    api_base_url: str = ""
    search_url: str = ""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in VARIABLES:
            kind = VARIABLES[name][1]
            if not kind.is_valid(value):
                raise ValueError(f"{name} is {value!r}; expected: {kind.expected}")
            if name in ("optimization_level", "cache_strategy"):
                value = kind.read(value)
        super().__setattr__(name, value)

    def read_environment(self, environment: Mapping[str, str]) -> None:
        """Take what variables say, the level first. Raises `ValueError` naming all wrong ones."""
        problems = []
        for name, (variable, kind) in VARIABLES.items():
            text = environment.get(variable, "").strip()
            if not text:
                continue
            try:
                if name == "optimization_level":
                    self.set_level(kind.read(text))
                else:
                    setattr(self, name, kind.read(text))
            except (ValueError, KeyError):
                problems.append(f"{variable}={text!r}; expected: {kind.expected}")
        if problems:
            raise ValueError("; ".join(problems))

    def set_level(self, level: OptimizationLevel | str) -> None:
        """Set a level with all that it switches."""
        self.optimization_level = level  # type: ignore[assignment]  # checked and read above
        for name, value in OF_LEVEL[self.optimization_level].items():
            setattr(self, name, value)

    def apply(self, preset: str) -> Mapping[str, Any]:
        """Set a preset. Returns what it set. Raises `ValueError` for an unknown name."""
        if preset not in PRESETS:
            raise ValueError(f"unknown scenario {preset!r}; expected: {', '.join(PRESETS)}")
        chosen = PRESETS[preset]
        if "optimization_level" in chosen:
            self.set_level(chosen["optimization_level"])
        for name, value in chosen.items():
            setattr(self, name, value)
        return chosen

    @property
    def values(self) -> dict[str, Any]:
        """All of them, as JSON values."""
        found = {field.name: getattr(self, field.name) for field in fields(Settings)}
        return {name: str(value) if isinstance(value, (StrEnum, Path)) else value
                for name, value in found.items()}  # fmt: skip

    @property
    def requests_at_once(self) -> int:
        """Requests that may be pending at the same time."""
        if not self.parallel_enabled:
            return 1
        if self.optimization_level == AGGRESSIVE:
            return _REQUESTS_A_WORKER * self.max_workers
        return max(self.max_workers // (2 if self.optimization_level == BASIC else 1), 1)

    @property
    def uses_processes(self) -> bool:
        """True if local computing may use other processes."""
        aggressive = self.optimization_level == AGGRESSIVE
        return aggressive and self.parallel_enabled and self.max_workers > 1

    @property
    def adapts_timeouts(self) -> bool:
        """True if the time that a request may take follows from those before."""
        return self.optimization_level != BASIC
