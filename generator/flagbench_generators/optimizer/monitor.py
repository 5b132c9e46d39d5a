"""Measurements of operations; alerts and recommendations that follow from their figures."""

import logging
import math
import os
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psutil

from flagbench_generators.optimizer.settings import AGGRESSIVE, BASIC, OFF, Settings

log = logging.getLogger(__name__)
KEPT = 1000
SLOW_SECONDS, LOW_HIT_RATE, HIGH_MEMORY_PERCENT, HIGH_CPU_PERCENT = 10.0, 0.5, 85, 90
Summary = Mapping[str, float]
Record = Mapping[str, Any]


class Monitor:
    """The latest measurements: operation, items, seconds, percent of memory and processor."""

    def __init__(self) -> None:
        self.measurements = deque[dict[str, Any]](maxlen=KEPT)

    @contextmanager
    def measured(self, operation: str, items: int, settings: Settings) -> Iterator[None]:
        """Measure what is done meanwhile, by the clock of the process."""
        is_plain = settings.optimization_level == BASIC and settings.cache_strategy == OFF
        record = {"operation": operation, "items": items, "plain": is_plain, "failed": True}
        psutil.cpu_percent()
        began = time.perf_counter()
        try:
            yield
            record["failed"] = False
        finally:
            seconds = time.perf_counter() - began
            log.debug("%s: %d items in %.4f s", operation, items, seconds)
            self.measurements.append({
                **record, "seconds": seconds, "cpu": psutil.cpu_percent(),
                "memory": psutil.virtual_memory().percent,
            })  # fmt: skip

    def report(self, counts: Counter[str]) -> dict[str, Any]:
        """The summary, and the figures of each operation. What is not known is NaN."""
        operations = dict[str, dict[str, Any]]()
        for name in sorted({record["operation"] for record in self.measurements}):
            records = [record for record in self.measurements if record["operation"] == name]
            improvement = 1 - _ratio(_pace(records, plain=False), _pace(records, plain=True))
            rate = _ratio(counts[f"{name} hits"], counts[f"{name} lookups"])
            more = {"cache_hit_rate": rate, "improvement": improvement}
            operations[name] = {**_figures(records), **more}
        rate = _ratio(counts["hits"], counts["lookups"])
        summary = {**_figures(self.measurements), "overall_cache_hit_rate": rate}
        return {"summary": summary, "operations": operations}


def _figures(records: Collection[Record]) -> dict[str, Any]:
    done = [record for record in records if not record["failed"]]
    times, items = [record["seconds"] for record in done], sum(record["items"] for record in done)
    return {
        "runs": len(records), "failures": len(records) - len(done), "items": items,
        "avg_execution_time": _ratio(math.fsum(times), len(done)),
        "max_execution_time": max(times, default=math.nan),
        "throughput": _ratio(items, math.fsum(times)),
        "avg_memory_usage": _ratio(math.fsum(record["memory"] for record in done), len(done)),
        "avg_cpu_usage": _ratio(math.fsum(record["cpu"] for record in done), len(done)),
    }  # fmt: skip


def _pace(records: Collection[Record], *, plain: bool) -> float:
    """Seconds an item: at the basic level without a cache, or with optimisations."""
    some = [record for record in records if record["plain"] is plain and not record["failed"]]
    return _ratio(math.fsum(r["seconds"] for r in some), sum(r["items"] for r in some))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _signs(summary: Summary) -> tuple[bool, bool, bool]:
    """Slow operations, missed caches, a crowded memory."""
    return (summary["avg_execution_time"] > SLOW_SECONDS,
            summary["overall_cache_hit_rate"] < LOW_HIT_RATE,
            summary["avg_memory_usage"] > HIGH_MEMORY_PERCENT)  # fmt: skip


def alerts(summary: Summary) -> list[str]:
    """The alerts of a summary, each with its figure."""
    texts = ("High average execution time: {avg_execution_time:.4g} s",
             "Low cache hit rate: {overall_cache_hit_rate:.0%}",
             "High memory usage: {avg_memory_usage:.0f} %")  # fmt: skip
    shown = zip(texts, _signs(summary), strict=True)
    return [text.format_map(summary) for text, applies in shown if applies]


def recommendations(summary: Summary, settings: Settings, counts: Counter[str]) -> list[str]:
    """Changes of the settings that follow from figures, the most urgent first."""
    slow, misses, crowded = _signs(summary)
    values = {**counts, **summary, **settings.values, "cores": os.cpu_count() or 1}
    limited, throttled = counts["limited"] > 0, settings.request_throttling
    found: Sequence[tuple[bool, str]] = (
        (counts["corrupted"] > 0, "Check {disk_cache_path}: {corrupted} entries were damaged"),
        (counts["unavailable"] > 0,
         "Set DISK_CACHE_PATH: {disk_cache_path} could not be used {unavailable} times"),
        (limited and throttled, "Reduce max_requests_per_second, {max_requests_per_second}: a "
         "service refused {limited} of {requests} requests"),
        (limited and not throttled,
         "Enable request throttling: a service refused {limited} of {requests} requests"),
        (slow and settings.optimization_level != AGGRESSIVE, "Increase optimization level, "
         "{optimization_level}: operations take {avg_execution_time:.1f} s on average"),
        (slow and not settings.parallel_enabled, "Enable parallel processing"),
        (settings.cache_strategy == OFF, "Set a cache strategy: nothing is kept"),
        (misses and counts["evicted"] > 0,
         "Increase cache size, {cache_size}: {evicted} results were evicted"),
        (misses and counts["expired"] > 0, "Increase cache_ttl: {expired} results were too old"),
        (crowded, "Use the disk cache strategy, or "
         "reduce cache size, {cache_size}: {avg_memory_usage:.0f} % of the memory is in use"),
        (summary["avg_cpu_usage"] > HIGH_CPU_PERCENT and settings.max_workers > values["cores"],
         "Reduce max_workers, {max_workers}: {cores} cores are busy"),
    )  # fmt: skip
    return [text.format_map(values) for applies, text in found if applies]
