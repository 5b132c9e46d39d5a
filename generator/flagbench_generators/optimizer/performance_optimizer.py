"""Front door of the optimizer: its operations for synchronous callers, settings and reports."""

import asyncio
import inspect
import json
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from statistics import fmean
from typing import Any, ParamSpec, TypeVar

from flagbench_generators.kernel.problem import nearest
from flagbench_generators.optimizer import layers, monitor
from flagbench_generators.optimizer.cache import key_of
from flagbench_generators.optimizer.components import IntegrationPattern
from flagbench_generators.optimizer.operations import Components, Operations, Result, is_alone
from flagbench_generators.optimizer.rules import LAYERS

T = TypeVar("T")
P = ParamSpec("P")


def _run(work: Coroutine[Any, Any, T]) -> T:
    """The result of an operation on an event loop of its own; where a loop runs, in a thread."""

    async def alone() -> T:
        is_alone.set(True)
        return await work

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(alone())
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, alone()).result()


def _door(operation: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """An operation for callers that do not await."""

    @wraps(operation)
    def call(*arguments: P.args, **named: P.kwargs) -> T:
        return _run(operation(*arguments, **named))

    return call


class PerformanceOptimizer(Operations):
    """The operations, and a fifth that is made of them, each also callable without an event loop.

    Settings are attributes, see `Settings`; without an `environment`, that of the process has the
    first word. Raises `ValueError` for variables and attributes that cannot have their value, and
    `AttributeError` for an attribute that does not exist.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(environment)
        self._is_made = True

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, "_is_made") and not hasattr(self, name):
            expected = nearest(name, list(self.values))
            raise AttributeError(f"unknown setting {name!r}; expected: {expected}")
        super().__setattr__(name, value)

    async def validate_layers(
        self, components: Components, against: Sequence[IntegrationPattern]
    ) -> Result:
        """The quality report of components, see `layers.judge`."""
        async with self._operation(LAYERS, components):
            return await layers.judge(self, components, against)

    optimize_component_analysis = _door(Operations.analyse_components)
    optimize_pattern_validation = _door(Operations.validate_patterns)
    optimize_api_validation = _door(Operations.validate_api)
    optimize_sourcegraph_search = _door(Operations.search_code)
    optimize_multi_layer_validation = _door(validate_layers)

    def get_performance_report(self) -> dict[str, Any]:
        """Figures of the operations, settings, cache, alerts. A figure that is unknown is NaN."""
        report = self.monitor.report(self.counts)
        return {
            **report, "alerts": monitor.alerts(report["summary"]), "settings": self.values,
            "cache": self.cache.statistics, "counts": dict(sorted(self.counts.items())),
        }  # fmt: skip

    def get_optimization_recommendations(self) -> list[str]:
        """Changes that the figures call for."""
        summary = self.monitor.report(self.counts)["summary"]
        return monitor.recommendations(summary, self, self.counts)

    def get_cache_statistics(self) -> dict[str, Any]:
        """Counts of the cache, and how full each tier is."""
        return self.cache.statistics

    def clear_cache(self) -> int:
        """Forget all results, on disk too. Returns the number of entries. Raises `OSError`."""
        return self.cache.clear()

    def benchmark_operation(
        self, operation: Callable[..., Any], *arguments: Any, rounds: int = 1
    ) -> dict[str, Any]:
        """Call a function, async or sync, so many times, and measure it.

        Times are in seconds: `execution_time` is the mean over the rounds, `cpu_time` that of this
        process, `memory_usage` the percentage of the memory in use at the end.
        """
        import psutil  # noqa: PLC0415  a part of platforms has none

        if rounds < 1:
            raise ValueError(f"rounds is {rounds}; expected: a whole number from 1")
        times, cpu_began = list[float](), time.process_time()
        for _ in range(rounds):
            began = time.perf_counter()
            answer = operation(*arguments)
            if inspect.iscoroutine(answer):
                _run(answer)
            times.append(time.perf_counter() - began)
        name = getattr(operation, "__name__", repr(operation))
        cpu_time = (time.process_time() - cpu_began) / rounds
        return {"operation": name, "rounds": rounds, "execution_time": fmean(times),
                "min_time": min(times), "max_time": max(times), "cpu_time": cpu_time,
                "memory_usage": psutil.virtual_memory().percent}  # fmt: skip

    def export_performance_data(self, path: str | Path) -> Path:
        """Write the report, recommendations and all measurements as JSON. Raises `OSError`."""
        advice, records = self.get_optimization_recommendations(), self.monitor.measurements
        data = {**self.get_performance_report(), "recommendations": advice,
                "measurements": list(records)}  # fmt: skip
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known(data), indent=2) + "\n", encoding="utf-8")
        return path

    def _generate_cache_key(self, operation: str, *arguments: Any) -> str:
        return key_of(operation, *arguments)


def known(report: dict[str, Any]) -> dict[str, Any]:
    """A report as JSON values: None for what is unknown."""
    values: dict[str, Any] = json.loads(json.dumps(report), parse_constant=lambda _: None)
    return values
