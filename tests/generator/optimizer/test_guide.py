"""The performance optimization guide: each of its Python snippets runs and does what it says."""

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
from optimizer_services import Services

import flagbench_generators.optimizer
from flagbench_generators.optimizer import CacheStrategy, CodeComponent, OptimizationLevel
from flagbench_generators.optimizer.components import DEFAULT_PATTERNS

GUIDE = (Path(__file__).parents[1] / "optimizer_guide.md").read_text(encoding="utf-8")
SNIPPETS = dict(re.findall(r"^## (.*?)\n\n```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
COMPONENTS = [
    CodeComponent("orders", text="import stock\n"),
    CodeComponent("stock", text="N = 1\n"),
]
Names = dict[str, Any]


class OtherSystem:
    """The project analyzer and the search orchestrator, which are other systems."""

    async def analyze_project_prompt(self, prompt: str, **_: Any) -> str:
        """Answer for the analyzer."""
        return f"analysed {prompt}"

    async def orchestrate_search(self, name: str, *_: Any) -> str:
        """Answer for the orchestrator."""
        return f"searched {name}"


@pytest.fixture
def names(monkeypatch, tmp_path, services: Services) -> Iterator[Names]:
    """The names that the guide uses, at the places from where it imports them."""
    for name, members in {
        "src": {}, "src.optimization": {}, "src.orchestration": {},
        "src.orchestration.project_analyzer": {"ProjectAnalyzer": OtherSystem},
        "src.orchestration.search_orchestrator": {"SearchOrchestrator": OtherSystem},
    }.items():  # fmt: skip
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    place = "src.optimization.performance_optimizer"
    monkeypatch.setitem(sys.modules, place, flagbench_generators.optimizer)
    monkeypatch.setenv("API_BASE_URL", services.url)
    monkeypatch.setenv("SRC_ENDPOINT", services.url)
    monkeypatch.chdir(tmp_path)
    yield {
        "optimizer": flagbench_generators.optimizer.PerformanceOptimizer(),
        "CacheStrategy": CacheStrategy, "OptimizationLevel": OptimizationLevel, "psutil": psutil,
        "asyncio": asyncio, "logging": logging, "COMPONENTS": COMPONENTS,
        "PATTERNS": list(DEFAULT_PATTERNS), "components": COMPONENTS,
        "patterns": list(DEFAULT_PATTERNS), "test_data": [1], "processed_data": [2],
        "workload_type": "memory_intensive",
    }  # fmt: skip
    logging.getLogger("src.optimization").setLevel(logging.NOTSET)


def settings(**expected: Any) -> Callable[[Names, str], None]:
    """A check that settings are these after a snippet."""

    def check(names: Names, _: str) -> None:
        values = names["optimizer"].values
        assert {name: values[name] for name in expected} == expected

    return check


def alerts_of_slow_runs(names: Names, _: str) -> None:
    """All three alerts of the guide are printed, and are in the report."""
    optimizer = names["optimizer"]
    optimizer.monitor.measurements.append(
        {"operation": "component_analysis", "items": 1, "seconds": 11.0, "cpu": 1.0, "memory": 90.0,
         "plain": False, "failed": False}
    )  # fmt: skip
    optimizer.counts.update({"lookups": 10, "hits": 4})
    names["check_performance_alerts"](optimizer)
    assert len(optimizer.get_performance_report()["alerts"]) == 3


def monitored(names: Names, _: str) -> None:
    """The loop acts on the recommendation to increase the level."""
    optimizer = names["optimizer"]
    optimizer.monitor.measurements.append(
        {"operation": "component_analysis", "items": 1, "seconds": 11.0, "cpu": 99.0,
         "memory": 9.0, "plain": False, "failed": False}
    )  # fmt: skip
    optimizer.max_workers = workers = 1000

    async def for_a_while() -> None:
        watch = asyncio.create_task(names["monitor_performance"](optimizer, interval=0))
        while optimizer.max_workers > workers - 3:
            await asyncio.sleep(0)
        watch.cancel()

    asyncio.run(for_a_while())
    assert optimizer.optimization_level == OptimizationLevel.AGGRESSIVE


CHECKS: dict[str, Callable[[Names, str], None]] = {
    "Basic Usage": lambda names, _: names["optimized_components"][0].analysis["depends_on"].index(
        "stock"),
    "Pattern Validation Optimization": lambda names, _: [
        component.validation["valid"] for component in names["validated_components"]].index(True),
    "API Validation Optimization": lambda names, _: [
        endpoint["valid"] for endpoint in names["validated_endpoints"]] == [True, False],
    "SourceGraph Search Optimization": lambda names, _: names["search_results"][0]["matches"][0],
    "Multi-Layer Validation Optimization": lambda names, _: names["quality_report"]["verdict"],
    "Benchmarking Operations": lambda _, out: re.fullmatch(r"Operation took 0\.\d{4}s\n", out)[0],
    "Large Repository Analysis": settings(
        optimization_level="aggressive", cache_strategy="hybrid", parallel_enabled=True,
        batch_processing=True),
    "Real-Time Validation": settings(
        optimization_level="moderate", cache_strategy="memory", request_throttling=True),
    "Batch Processing": settings(
        optimization_level="basic", cache_strategy="disk", batch_processing=True),
    "API-Heavy Workloads": settings(request_throttling=True, batch_processing=True),
    "High Memory Usage": settings(cache_strategy="disk", cache_size=500),
    "Slow Performance": settings(optimization_level="aggressive", parallel_enabled=True),
    "Cache Misses": settings(cache_strategy="hybrid", cache_size=2000),
    "Rate Limit Issues": settings(
        request_throttling=True, max_requests_per_second=50, max_batch_wait_time=2.0),
    "Debug Mode": lambda *_: Path("performance_debug.json").read_text(),
    "Custom Optimization Rules": lambda names, _: names["optimizer"].component_optimizers[
        "pattern_validation"]["timeout"] + 0,
    "Performance Tuning": settings(cache_strategy="disk"),
    "With Project Analyzer": lambda names, _: asyncio.run(
        names["optimized_analysis"]("a shop", ["file"] * 11)).index("analysed"),
    "With Search Orchestrator": lambda names, _: asyncio.run(
        names["optimized_search"]("async shop", "python", [])).index("searched"),
    "Performance Alerts": alerts_of_slow_runs,
    "Continuous Monitoring": monitored,
    "Log Analysis": lambda *_: Path("performance_analysis.json").read_text(),
}  # fmt: skip


@pytest.mark.parametrize("heading", SNIPPETS)
def test_a_snippet_of_the_guide_runs(names: Names, capsys, heading: str) -> None:
    """As it is in the guide; `[...]` are the components and patterns of a project."""
    source = re.sub(r"(components|patterns) = \[\.\.\.\]", lambda found: f"{found[1]} = "
                    + found[1].upper(), SNIPPETS[heading])  # fmt: skip
    exec(compile(source, heading, "exec"), names)  # noqa: S102  a snippet of the guide
    assert CHECKS.get(heading, lambda *_: None)(names, capsys.readouterr().out) is not False


def test_every_snippet_is_here() -> None:
    """None is lost by the way in which they are read; each has a heading of its own."""
    assert len(SNIPPETS) == GUIDE.count("```python") == 27
    assert set(CHECKS) < set(SNIPPETS)
