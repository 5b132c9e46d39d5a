"""The optimizer as one function, for benchmarks: each request is a job in YAML."""

import asyncio
import json
import math
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from flagbench_generators.optimizer import CodeComponent, IntegrationPattern, PerformanceOptimizer
from flagbench_generators.optimizer.flags import FACTORS
from flagbench_generators.optimizer.snapshot import snapshot

# Everything off, for flags that a benchmark leaves out.
_PLAIN = {"OPTIMIZATION_LEVEL": "basic", "CACHE_STRATEGY": "off", "REQUEST_THROTTLING": "false"}
# Settings that are rules of each operation.
_RULES = ("cache_ttl", "parallel_threshold")
# What is measured of an operation: local work takes none of a benchmark's time.
_MEASURED = {
    "component_analysis": ("files",),
    "pattern_validation": ("files", "checks"),
    "api_validation": ("seconds",),
    "sourcegraph_search": ("seconds",),
    "multi_layer_validation": ("seconds", "files", "checks"),
}
_ANALYSED = "component_analysis computed"
_SERVICES = ("API_BASE_URL", "SRC_ENDPOINT")
# Analyses and validations in turn, by their texts: keys depend on the version of Python.
_DAMAGE = """UPDATE entries
    SET entry = replace(replace(entry, '"lines": ', '"lines": 1'), 'valid": true', 'valid": false')
    WHERE key IN (SELECT key FROM
        (SELECT key, entry, row_number() OVER
            (PARTITION BY entry LIKE '%"valid": true%' ORDER BY entry, born, key) AS place
        FROM entries WHERE entry LIKE '%"lines": %' OR entry LIKE '%"valid": true%')
    ORDER BY place, entry LIMIT ?)"""


class File(NamedTuple):
    """A written result; nobody reviews it."""

    path: str
    text: str
    request_id: str
    kind: str = "optimizer-work"
    approved: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of the jobs; each of `metrics` is a sum over the measured jobs."""

    artifacts: list[File] = field(default_factory=list)
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    metrics: dict[str, tuple[float, str, str]] = field(default_factory=dict)


def optimizer(requests: Sequence[str], flags: Mapping[str, str], workdir: Path) -> Outcome:
    """Do the jobs one after the other, each by an optimizer of its own, as on another night.

    `flags` maps variables to values; those that are missing are off, but for a preset, which is
    set over the defaults.
    """
    outcome, amounts, repository = Outcome(), Counter[str](), workdir / "repository"
    for path, text in scaffold(requests).items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text, encoding="utf-8")
    for number, text in enumerate(requests, start=1):
        job = _read(text)
        time.sleep(job.get("starts_after_seconds", 0))
        for path, added in job.get("edits", {}).items():
            with (repository / path).open("a", encoding="utf-8") as stream:
                stream.write(added)
        tuned = _optimizer(flags, workdir, job.get("settings", {}))
        damaged = _damage(tuned.cache.path, job.get("damaged_entries", 0))
        started = time.monotonic()
        results, measured = _results(tuned, job, repository)
        statistics = tuned.get_cache_statistics()
        run = {
            "settings": tuned.values, "seconds": [started, time.monotonic()], "damaged": damaged,
            "counts": dict(sorted(tuned.counts.items())), "cache": statistics,
        }  # fmt: skip
        for folder, value in (("results", results), ("runs", run)):
            shown = json.dumps(value, indent=1, sort_keys=True) + "\n"
            outcome.artifacts.append(File(f"{folder}/{number}.json", shown, str(number)))
        if job.get("measured", True):
            amounts.update(
                {**measured, "hits": statistics["hits"], "lookups": statistics["lookups"]}
            )
    if amounts["lookups"]:
        outcome.rates["cache_hit_rate"] = (int(amounts["hits"]), int(amounts["lookups"]))
    for name in sorted(amounts.keys() - {"hits", "lookups"}):
        unit = "s" if name.endswith("_seconds") else ""
        outcome.metrics[name] = (round(amounts[name], 6), unit, "lower")
    return outcome


@lru_cache(maxsize=64)
def _read(text: str) -> Mapping[str, Any]:
    job: Mapping[str, Any] = yaml.safe_load(text)
    return job


def _optimizer(
    flags: Mapping[str, str], workdir: Path, settings: Mapping[str, Any]
) -> PerformanceOptimizer:
    preset = flags.get("OPTIMIZATION_PRESET", "off")
    addresses = {name: os.environ[name] for name in _SERVICES if name in os.environ}
    own = {"DISK_CACHE_PATH": str(workdir / "cache"), **flags, **addresses}
    made = PerformanceOptimizer({**(_PLAIN if preset == "off" else {}), **own})
    if preset != "off":
        made.optimize_for_scenario(preset)
    for name, value in settings.items():
        if name not in _RULES:
            setattr(made, name, value)
            continue
        for rules in made.component_optimizers.values():
            if name in rules:
                rules[name] = value
    return made


def _results(
    tuned: PerformanceOptimizer, job: Mapping[str, Any], repository: Path
) -> tuple[dict[str, Any], dict[str, float]]:
    """The results of the operations of a job, and what is measured of each."""
    components = CodeComponent.of_folder(repository)
    patterns = [
        IntegrationPattern(name, each.get("applies_to", ""), tuple(map(tuple, each["requires"])))
        for name, each in job.get("patterns", {}).items()
    ]
    inputs: dict[str, list[Any]] = {
        "component_analysis": [components],
        "pattern_validation": [components, patterns],
        "api_validation": [job.get("endpoints")],
        "sourcegraph_search": [job.get("queries")],
        "multi_layer_validation": [components, patterns],
    }
    results, measured = dict[str, Any](), dict[str, float]()
    for operation in job["operations"]:
        started, before = time.monotonic(), tuned.counts.copy()
        if "every_seconds" in job:
            each = tuned.validate_api if operation == "api_validation" else tuned.search_code
            arriving = _arriving(each, inputs[operation][0], job["every_seconds"])
            found, measured[f"{operation}_wait_seconds"] = asyncio.run(arriving)
        else:
            found = getattr(tuned, f"optimize_{operation}")(*inputs[operation])
        amounts: dict[str, float] = {
            "seconds": time.monotonic() - started,
            "files": tuned.counts[_ANALYSED] - before[_ANALYSED],
            "checks": tuned.counts["checks"] - before["checks"],
        }
        measured.update({f"{operation}_{name}": amounts[name] for name in _MEASURED[operation]})
        results[operation] = [_plain(item) for item in found] if isinstance(found, list) else found
    return results, measured


def _plain(item: Any) -> Any:
    if not isinstance(item, CodeComponent):
        return item
    return {name: asdict(item)[name] for name in ("name", "analysis", "validation")}


async def _arriving(operation: Any, items: Sequence[Any], gap: float) -> tuple[list[Any], float]:
    """The results of items that arrive one after the other, and their mean wait in seconds."""

    async def single(place: int, item: Any) -> tuple[Any, float]:
        await asyncio.sleep(gap * place)
        arrived = time.monotonic()
        return (await operation([item]))[0], time.monotonic() - arrived

    done = await asyncio.gather(*(single(*pair) for pair in enumerate(items)))
    return [result for result, _ in done], math.fsum(wait for _, wait in done) / len(done)


def _damage(path: Path, entries: int) -> int:
    """Change so many entries of the cache on disk behind its back; the number of those changed."""
    if not entries or not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as disk, disk:
        return disk.execute(_DAMAGE, (entries,)).rowcount


def scaffold(requests: Sequence[str]) -> dict[str, str]:
    """The repository that the first job names, as it is before any edit."""
    return snapshot(**_read(requests[0])["repository"])


# Attributes that the harness reads: the factors, and the files around the results.
optimizer.factors = FACTORS  # type: ignore[attr-defined]
optimizer.scaffold = scaffold  # type: ignore[attr-defined]
