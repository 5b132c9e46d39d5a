"""Measurements of operations; alerts and recommendations that follow from their figures."""

import logging
import math
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import fmean
from typing import Any

import psutil

from flagbench_generators.optimizer.settings import AGGRESSIVE, BASIC, OFF, Settings

log = logging.getLogger(__name__)
KEPT = 1000
SLOW_SECONDS, LOW_HIT_RATE, HIGH_MEMORY_PERCENT, HIGH_CPU_PERCENT = 10.0, 0.5, 85, 90
Summary = Mapping[str, float]
# A figure of the summary, what it is when it calls for an alert, and what the alert says.
ALERTS: Sequence[tuple[str, Callable[[float], bool], str]] = (
    ("avg_execution_time", lambda value: value > SLOW_SECONDS, "High average execution time"),
    ("overall_cache_hit_rate", lambda value: value < LOW_HIT_RATE, "Low cache hit rate"),
    ("avg_memory_usage", lambda value: value > HIGH_MEMORY_PERCENT, "High memory usage"),
)


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
        names = sorted({record["operation"] for record in self.measurements})
        return {
            "summary": self._figures("", counts),
            "operations": {name: self._figures(name, counts) for name in names},
        }

    def _figures(self, operation: str, counts: Counter[str]) -> dict[str, Any]:
        records = [r for r in self.measurements if operation in ("", r["operation"])]
        done = [record for record in records if not record["failed"]]
        seconds = [record["seconds"] for record in done]
        items = sum(record["items"] for record in done)
        prefix = f"{operation} " if operation else ""
        figures = {
            "runs": len(records),
            "failures": len(records) - len(done),
            "items": items,
            "avg_execution_time": _mean(seconds),
            "max_execution_time": max(seconds, default=math.nan),
            "throughput": _ratio(items, sum(seconds)),
            ("" if operation else "overall_") + "cache_hit_rate": _ratio(
                counts[f"{prefix}hits"], counts[f"{prefix}lookups"]
            ),
            "avg_memory_usage": _mean([record["memory"] for record in done]),
            "avg_cpu_usage": _mean([record["cpu"] for record in done]),
        }
        if operation:
            figures["improvement"] = 1 - _ratio(_rate(done, plain=False), _rate(done, plain=True))
        return figures


def _rate(records: Sequence[Mapping[str, Any]], *, plain: bool) -> float:
    """Seconds an item: at the basic level without a cache, or with optimisations."""
    some = [record for record in records if record["plain"] is plain]
    return _ratio(sum(r["seconds"] for r in some), sum(r["items"] for r in some))


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else math.nan


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def alerts(summary: Summary) -> list[str]:
    """The alerts of a summary, each with its figure."""
    return [f"{text}: {name} is {summary[name]:.4g}"
            for name, calls, text in ALERTS if calls(summary[name])]  # fmt: skip


def recommendations(summary: Summary, settings: Settings, counts: Counter[str]) -> list[str]:
    """Changes of the settings that follow from figures, the most urgent first."""
    cores = os.cpu_count() or 1
    slow = summary["avg_execution_time"] > SLOW_SECONDS
    misses = summary["overall_cache_hit_rate"] < LOW_HIT_RATE
    busy = summary["avg_cpu_usage"] > HIGH_CPU_PERCENT
    found: Sequence[tuple[bool, str]] = (
        (counts["corrupted"] > 0,
         f"Check the disk of {settings.disk_cache_path}: {counts['corrupted']} damaged entries"),
        (counts["unavailable"] > 0, f"Set DISK_CACHE_PATH: {settings.disk_cache_path} could not be "
         f"used {counts['unavailable']} times"),
        (counts["limited"] > 0 and settings.request_throttling,
         f"Reduce max_requests_per_second, {settings.max_requests_per_second}: a service refused "
         f"{counts['limited']} of {counts['requests']} requests"),
        (counts["limited"] > 0 and not settings.request_throttling,
         f"Enable request throttling: a service refused {counts['limited']} of "
         f"{counts['requests']} requests"),
        (slow and settings.optimization_level != AGGRESSIVE,
         f"Increase optimization level, {settings.optimization_level}: operations take "
         f"{summary['avg_execution_time']:.1f} s on average"),
        (slow and not settings.parallel_enabled, "Enable parallel processing"),
        (settings.cache_strategy == OFF, "Set a cache strategy: nothing is kept"),
        (misses and counts["evicted"] > 0, f"Increase cache size, {settings.cache_size}: "
         f"{counts['evicted']} results were evicted"),
        (misses and counts["expired"] > 0,
         f"Increase cache_ttl: {counts['expired']} results were too old"),
        (summary["avg_memory_usage"] > HIGH_MEMORY_PERCENT,
         f"Use the disk cache strategy, or reduce cache size, {settings.cache_size}: "
         f"{summary['avg_memory_usage']:.0f} % of the memory is in use"),
        (busy and settings.max_workers > cores,
         f"Reduce max_workers, {settings.max_workers}: {cores} cores are busy"),
    )  # fmt: skip
    return [text for applies, text in found if applies]
