"""The optimizer as one function, for benchmarks: each request is a job in YAML."""

import asyncio
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from flagbench_generators.optimizer import CodeComponent, IntegrationPattern, PerformanceOptimizer
from flagbench_generators.optimizer.flags import FACTORS
from flagbench_generators.optimizer.snapshot import snapshot

# Everything off, for flags that a benchmark leaves out.
_PLAIN = {"OPTIMIZATION_LEVEL": "basic", "CACHE_STRATEGY": "off", "REQUEST_THROTTLING": "false"}
_SERVICES = ("API_BASE_URL", "SRC_ENDPOINT")


class Metric(NamedTuple):
    """A number of the optimizer's own."""

    value: float
    unit: str
    better: str = "lower"


@dataclass(frozen=True, slots=True)
class File:
    """A written result; nobody reviews it."""

    path: str
    text: str
    request_id: str
    kind: str = "optimizer-work"
    approved: bool | None = None


@dataclass(slots=True)
class Outcome:
    """The results of the jobs, and what they took."""

    artifacts: list[File] = field(default_factory=list)
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)


async def optimizer(requests: Sequence[str], flags: Mapping[str, str], workdir: Path) -> Outcome:
    """Do the jobs one after the other, each by an optimizer of its own as on another night.

    `flags` maps variables to values; those that are missing are off, but for a preset, which is
    set over the defaults.
    """
    outcome, amounts, repository = Outcome(), Counter[str](), workdir / "repository"
    for path, text in scaffold(requests).items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text, encoding="utf-8")
    for number, text in enumerate(requests, start=1):
        job = yaml.safe_load(text)
        await asyncio.sleep(job.get("starts_after_seconds", 0))
        for path, added in job.get("edits", {}).items():
            with (repository / path).open("a", encoding="utf-8") as stream:
                stream.write(added)
        tuned = _optimizer(flags, workdir, job.get("settings", {}))
        damaged = _damage(tuned.cache.path, job.get("damaged_entries", 0))
        started = asyncio.get_running_loop().time()
        async with tuned:
            results, seconds = await _results(tuned, job, repository)
        ended = asyncio.get_running_loop().time()
        statistics = tuned.get_cache_statistics()
        run = {"settings": tuned.values, "seconds": [started, ended], "damaged": damaged,
               "counts": dict(sorted(tuned.counts.items())), "cache": statistics}  # fmt: skip
        for folder, value in (("results", results), ("runs", run)):
            shown = json.dumps(value, indent=1, sort_keys=True, default=str) + "\n"
            outcome.artifacts.append(File(f"{folder}/{number}.json", shown, str(number)))
        if job.get("measured", True):
            amounts.update(seconds)
            amounts.update({name: tuned.counts[name] for name in ("analysed", "checks")})
            amounts.update({name: statistics[name] for name in ("hits", "lookups")})
    hits, lookups = amounts.pop("hits"), amounts.pop("lookups")
    outcome.rates = {"cache_hit_rate": (hits, lookups)} if lookups else {}
    outcome.metrics = {
        name: Metric(round(amount, 6), "s" if name.endswith("_seconds") else "")
        for name, amount in amounts.items()
    }
    return outcome


def _optimizer(
    flags: Mapping[str, str], workdir: Path, settings: Mapping[str, Any]
) -> PerformanceOptimizer:
    preset = flags.get("OPTIMIZATION_PRESET", "off")
    addresses = {name: os.environ[name] for name in _SERVICES if name in os.environ}
    made = PerformanceOptimizer(
        {**({} if preset != "off" else _PLAIN), "DISK_CACHE_PATH": str(workdir / "cache"),
         **flags, **addresses}
    )  # fmt: skip
    if preset != "off":
        made.optimize_for_scenario(preset)
    for name, value in settings.items():
        if name == "cache_ttl":
            for rules in made.component_optimizers.values():
                rules["cache_ttl"] = value
        else:
            setattr(made, name, value)
    return made


async def _results(
    tuned: PerformanceOptimizer, job: Mapping[str, Any], repository: Path
) -> tuple[dict[str, Any], dict[str, float]]:
    """The results of the operations of a job, and the seconds that each took."""
    components = CodeComponent.of_folder(repository)
    patterns = [
        IntegrationPattern(name, pattern.get("applies_to", ""), tuple(map(tuple, pattern["requires"])))
        for name, pattern in job.get("patterns", {}).items()
    ]  # fmt: skip
    calls = {
        "component_analysis": lambda: tuned.analyse_components(components),
        "pattern_validation": lambda: tuned.validate_patterns(components, patterns),
        "api_validation": lambda: _arriving(tuned.validate_api, job, "endpoints"),
        "code_search": lambda: _arriving(tuned.search_code, job, "queries"),
        "multi_layer_validation": lambda: tuned.validate_layers(components, patterns),
    }
    clock, results, seconds = asyncio.get_running_loop().time, dict[str, Any](), dict[str, float]()
    for operation in job["operations"]:
        started = clock()
        found = await calls[operation]()
        if isinstance(found, tuple):
            found, seconds[f"{operation}_wait_seconds"] = found
        seconds[f"{operation}_seconds"] = clock() - started
        results[operation] = [_plain(item) for item in found] if isinstance(found, list) else found
    return results, seconds


def _plain(item: Any) -> Any:
    if not isinstance(item, CodeComponent):
        return item
    return {"name": item.name, "analysis": item.analysis, "validation": item.validation}


async def _arriving(operation: Any, job: Mapping[str, Any], name: str) -> Any:
    """The results of all items at once; of items that arrive one after the other, and their wait.

    The wait is the mean from the arrival of an item to its result.
    """
    gap = job.get("every_seconds")
    if gap is None:
        return await operation(job[name])
    clock = asyncio.get_running_loop().time

    async def single(place: int, item: Any) -> tuple[Any, float]:
        await asyncio.sleep(gap * place)
        arrived = clock()
        return (await operation([item]))[0], clock() - arrived

    done = await asyncio.gather(*(single(*pair) for pair in enumerate(job[name])))
    return [result for result, _ in done], sum(wait for _, wait in done) / len(done)


def _damage(path: Path, entries: int) -> int:
    """Change so many entries of the cache on disk behind its back; the number of those changed."""
    if not entries or not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as disk, disk:
        changed = disk.execute(
            "UPDATE entries SET entry = '{\"valid\": false}' WHERE key IN"
            " (SELECT key FROM entries ORDER BY key LIMIT ?)", (entries,),
        )  # fmt: skip
    return changed.rowcount


def scaffold(requests: Sequence[str]) -> dict[str, str]:
    """The repository that the first job names, as it is before any edit."""
    return snapshot(**yaml.safe_load(requests[0])["repository"])


# Attributes that the harness reads: the factors, and the files around the results.
optimizer.factors = FACTORS  # type: ignore[attr-defined]
optimizer.scaffold = scaffold  # type: ignore[attr-defined]
