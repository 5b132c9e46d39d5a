"""Performance optimizer: five operations on components and services, with levels and caches."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flagbench_generators.optimizer.components import CodeComponent, IntegrationPattern
    from flagbench_generators.optimizer.performance_optimizer import PerformanceOptimizer
    from flagbench_generators.optimizer.settings import CacheStrategy, OptimizationLevel

__all__ = ["CacheStrategy", "CodeComponent", "IntegrationPattern", "OptimizationLevel",
           "PerformanceOptimizer"]  # fmt: skip
_MODULES = {
    "CacheStrategy": "settings", "OptimizationLevel": "settings", "CodeComponent": "components",
    "IntegrationPattern": "components", "PerformanceOptimizer": "performance_optimizer",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a public name when it is used: processes of a pool need none of them (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
