"""Settings, rules, figures and what follows from them."""

import json
import logging
import math
from typing import Any

import pytest
import time_machine

from flagbench_generators.optimizer import CodeComponent, PerformanceOptimizer

SLOW = {"operation": "component_analysis", "items": 2, "seconds": 12.0, "cpu": 99.0,
        "memory": 90.0, "plain": False, "failed": False}  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [("OPTIMIZATION_LEVEL", "Aggressive", "optimization_level", "aggressive"),
     ("OPTIMIZATION_LEVEL", "basic", "parallel_enabled", False),
     ("CACHE_STRATEGY", "disk", "cache_strategy", "disk"),
     ("OPTIMIZATION_MAX_WORKERS", "8", "max_workers", 8),
     ("OPTIMIZATION_PARALLEL", "no", "parallel_enabled", False),
     ("CACHE_SIZE", "7", "cache_size", 7),
     ("REQUEST_THROTTLING", "off", "request_throttling", False),
     ("MAX_REQUESTS_PER_SECOND", "5", "max_requests_per_second", 5),
     ("MAX_BATCH_WAIT_TIME", "0.5", "max_batch_wait_time", 0.5),
     ("DISK_CACHE_PATH", "a b", "disk_cache_path", "a b"),
     ("SRC_ENDPOINT", "http://localhost:7080", "search_url", "http://localhost:7080"),
     ("BATCH_SIZE", " ", "batch_size", 10)],
)  # fmt: skip
def test_a_variable_sets_its_attribute(variable: str, text: str, name: str, value: Any) -> None:
    """An empty variable sets nothing."""
    assert PerformanceOptimizer({variable: text}).values[name] == value


def test_all_wrong_variables_are_named_at_once() -> None:
    """Each with what is expected of it."""
    wrong = {"OPTIMIZATION_LEVEL": "fast", "CACHE_SIZE": "0", "OPTIMIZATION_PARALLEL": "maybe",
             "MAX_BATCH_WAIT_TIME": "nan", "API_BASE_URL": "localhost"}  # fmt: skip
    with pytest.raises(ValueError, match="'basic', 'moderate' or 'aggressive'") as error:
        PerformanceOptimizer(wrong)
    assert all(variable in str(error.value) for variable in wrong)


def test_the_environment_of_the_process_is_read(monkeypatch) -> None:
    """Where no other is given."""
    monkeypatch.setenv("BATCH_SIZE", "3")
    assert PerformanceOptimizer().batch_size == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [(lambda made: setattr(made, "max_worker", 2), 'expected: "max_workers"'),
     (lambda made: setattr(made, "max_workers", 0), "greater than or equal to 1"),
     (lambda made: made.set_cache_strategy("hybird"), "'memory', 'disk' or 'hybrid'"),
     (lambda made: made.optimize_for_scenario("batch_processin"), '"batch_processing"'),
     (lambda made: made.component_optimizers.update({"component_analysi": {}}),
      'expected: "component_analysis"'),
     (lambda made: made.component_optimizers.update({"component_analysis": {"cache_tl": 1}}),
      'expected: "cache_ttl"'),
     (lambda made: made.component_optimizers["api_validation"].update(cache_ttl=-1), "more than 0"),
     (lambda made: made.benchmark_operation(print, rounds=0), "from 1")],
)  # fmt: skip
def test_what_a_setting_cannot_be_is_an_error(change, told: str) -> None:
    """With the nearest name, or what is expected."""
    with pytest.raises((ValueError, AttributeError)) as error:
        change(PerformanceOptimizer({}))
    assert told in str(error.value)


def test_rules_that_are_left_out_keep_their_defaults() -> None:
    """An update of one rule is not an update of the others."""
    rules = PerformanceOptimizer({}).component_optimizers
    before = dict(rules["component_analysis"])
    rules.update({"component_analysis": {"cache_ttl": 7200}})
    assert rules["component_analysis"] == {**before, "cache_ttl": 7200}


def test_a_rule_of_time_ends_what_is_kept(make) -> None:
    """A result that is older than `cache_ttl` is now is computed again."""
    optimizer = make()
    for second, ttl, computed in ((0, 60, 1), (59, 60, 1), (61, 60, 2), (91, 30, 3)):
        optimizer.component_optimizers["component_analysis"] = {"cache_ttl": ttl}
        with time_machine.travel(1e9 + second, tick=False):
            optimizer.optimize_component_analysis([CodeComponent("a", text="")])
        assert optimizer.counts["component_analysis computed"] == computed
    assert optimizer.counts["expired"] == 2


@pytest.mark.parametrize(
    ("settings", "counts", "told"),
    [({}, {}, "Increase optimization level, moderate"),
     ({"OPTIMIZATION_PARALLEL": "no"}, {}, "Enable parallel processing"),
     ({"CACHE_STRATEGY": "off"}, {}, "Set a cache strategy"),
     ({}, {"lookups": 9, "evicted": 4}, "Increase cache size, 1000: 4 results"),
     ({}, {"lookups": 9, "expired": 4}, "Increase cache_ttl: 4"),
     ({}, {"requests": 9, "limited": 4}, "Reduce max_requests_per_second, 100: a service refused"),
     ({"REQUEST_THROTTLING": "no"}, {"requests": 9, "limited": 4}, "Enable request throttling"),
     ({"OPTIMIZATION_MAX_WORKERS": "999"}, {}, "Reduce max_workers, 999"),
     ({}, {"corrupted": 2}, "Check cache/performance_cache: 2"),
     ({}, {"unavailable": 2}, "Set DISK_CACHE_PATH"),
     ({}, {}, "Use the disk cache strategy")],
)  # fmt: skip
def test_a_recommendation_follows_from_figures(settings, counts, told: str) -> None:
    """It is not there without them."""
    optimizer = PerformanceOptimizer(settings)
    if settings.get("CACHE_STRATEGY") != "off":
        assert optimizer.get_optimization_recommendations() == []
    optimizer.monitor.measurements.append(SLOW)
    optimizer.counts.update(counts)
    found = optimizer.get_optimization_recommendations()
    assert [text for text in found if text.startswith(told)], found


def test_figures_are_those_of_the_operations(make, tmp_path, caplog) -> None:
    """Hits, throughput and the improvement over the plain way; what is unknown is null in JSON."""
    caplog.set_level(logging.DEBUG, "flagbench_generators.optimizer")
    optimizer = make(OPTIMIZATION_LEVEL="basic", CACHE_STRATEGY="off")
    assert math.isnan(optimizer.get_performance_report()["summary"]["avg_execution_time"])
    components = [CodeComponent(str(number), text="N = 1\n" * 500) for number in range(3)]
    optimizer.optimize_component_analysis(components)
    optimizer.set_cache_strategy("memory")
    for _ in range(3):
        optimizer.optimize_component_analysis(components)
    path = optimizer.export_performance_data(tmp_path / "a b" / "data.json")
    data = json.loads(path.read_text())
    figures = data["operations"]["component_analysis"]
    assert (figures["runs"], figures["items"], figures["failures"]) == (4, 12, 0)
    assert figures["cache_hit_rate"] == data["summary"]["overall_cache_hit_rate"] == 2 / 3
    assert figures["improvement"] is not None
    assert data["settings"]["cache_strategy"] == "memory"
    assert len(data["measurements"]) == 4
    optimizer.clear_cache()
    assert optimizer.get_cache_statistics()["memory_cache"]["utilization"] == 0
    assert "component_analysis: 3 items" in caplog.text


def test_any_operation_is_measured(make) -> None:
    """Async ones are awaited; each round is one of the times."""
    called = []

    async def later(value: int) -> None:
        called.append(value)

    result = make().benchmark_operation(later, 7, rounds=3)
    assert (called, result["rounds"], result["operation"]) == ([7] * 3, 3, "later")
    assert 0 <= result["min_time"] <= result["execution_time"] <= result["max_time"]
