"""Where each optimisation begins to pay: `tests/benchmarks/optimizer.py local|requests|live`.

`local` runs on this machine's clock: medians of pytest-benchmark's statistics over rounds in which
all ways take turns, as ratios to the plain way. `requests` runs on the virtual clock against the
simulated services, with the same digits everywhere. `live` waits for a service that limits.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from click import echo
from pytest_benchmark.stats import Stats

from flagbench.cassette import store
from flagbench.run import recording
from flagbench.run.recording import Endpoint
from flagbench.scenario import loading
from flagbench.simulator.services.server import running_services
from flagbench.simulator.settings import ProviderSettings
from flagbench_generators.optimizer import CodeComponent, IntegrationPattern, PerformanceOptimizer
from flagbench_generators.optimizer.analysis import MAX_FILE_SIZE, analyse_all
from flagbench_generators.optimizer.snapshot import snapshot

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
ROUNDS = 5
PATTERNS = [
    IntegrationPattern("small", "", (("lines_at_most", 60), ("complexity_at_most", 12))),
    IntegrationPattern("documented", "", (("documented_share_at_least", 0.5),)),
    IntegrationPattern("router", "fastapi", (("defines", "router"), ("has_routes", True))),
]
PLAIN = {"OPTIMIZATION_LEVEL": "basic", "CACHE_STRATEGY": "off", "REQUEST_THROTTLING": "false"}
POOL = {**PLAIN, "OPTIMIZATION_LEVEL": "aggressive", "OPTIMIZATION_MAX_WORKERS": str(CORES)}
Operation = Callable[[PerformanceOptimizer, list[CodeComponent]], Any]
OPERATIONS: Mapping[str, Operation] = {
    "component analysis": lambda tuned, files: tuned.optimize_component_analysis(files),
    "pattern validation": lambda tuned, files: tuned.optimize_pattern_validation(files, PATTERNS),
}


def seconds_of(work: Callable[[], Any]) -> float:
    """Seconds of this machine's clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def local(sizes: Iterable[int]) -> None:
    """Local work by size: processes, caches cold and warm, and the bound of Amdahl's law."""
    echo(f"{CORES} cores, {ROUNDS} rounds; times are ratios to the plain way (1 = as long)")
    echo(f"{'operation':20} {'files':>5} {'plain ms':>9} {'processes':>9} {'bound':>6} "
         f"{'memory, warm':>12} {'disk, cold':>10} {'disk, warm':>10}")  # fmt: skip
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            files = _written(Path(folder) / "repository", size)
            for name, operation in OPERATIONS.items():
                _row(name, operation, files, Path(folder))


def _written(folder: Path, size: int) -> list[CodeComponent]:
    for path, text in snapshot(size, 1).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return CodeComponent.of_folder(folder)


def _row(name: str, operation: Operation, files: list[CodeComponent], folder: Path) -> None:
    texts = [component.source() for component in files]
    disk = {**PLAIN, "CACHE_STRATEGY": "disk", "DISK_CACHE_PATH": str(folder / name)}
    memory = PerformanceOptimizer(
        {**PLAIN, "CACHE_STRATEGY": "memory", "CACHE_SIZE": str(10 * len(files))}
    )
    operation(memory, files)

    def cold() -> None:
        tuned = PerformanceOptimizer(disk)
        tuned.clear_cache()
        operation(tuned, files)

    ways: Mapping[str, Callable[[], Any]] = {
        "plain": lambda: operation(PerformanceOptimizer(PLAIN), files),
        "analysis alone": lambda: analyse_all(MAX_FILE_SIZE, texts),
        "processes": lambda: operation(PerformanceOptimizer(POOL), files),
        "memory": lambda: operation(memory, files),
        "cold": cold,
        "warm": lambda: operation(PerformanceOptimizer(disk), files),
    }
    statistics = {way: Stats() for way in ways}
    for _ in range(ROUNDS):
        for way, work in ways.items():
            statistics[way].update(seconds_of(work))
    plain = statistics["plain"].median
    ratios = {way: found.median / plain for way, found in statistics.items()}
    share = min(ratios["analysis alone"], 1.0)
    echo(f"{name:20} {len(files):5} {1000 * plain:9.1f} {ratios['processes']:9.2f} "
         f"{1 - share + share / CORES:6.2f} {ratios['memory']:12.2f} {ratios['cold']:10.2f} "
         f"{ratios['warm']:10.2f}")  # fmt: skip


SWITCHES = (
    "parallel", "level=moderate+parallel", "batching", "parallel+batching", "parallel+throttling",
)  # fmt: skip


def requests() -> None:
    """Requests on the virtual clock: by number, by latency, by hit rate, by pace."""
    echo("API validation, share of the plain way's seconds by number of endpoints")
    _table(("endpoints", "plain s", *SWITCHES), (
        (count, *_shares(_endpoints(count), SWITCHES)) for count in (1, 2, 5, 10, 50, 200, 1000)
    ))  # fmt: skip
    echo("\nthe same, fifty endpoints, by a factor of the latency")
    _table(("latency", "plain s", *SWITCHES), (
        (scale, *_shares(_endpoints(50), SWITCHES, latency_scale=scale))
        for scale in (0.01, 0.1, 0.5, 1.0, 2.0, 10.0)
    ))  # fmt: skip
    echo("\nthe same, fifty endpoints, disk cache by share of known ones")
    _table(("known", "plain s", "disk"), (
        (share, *_shares(_endpoints(50), ("cache=disk",), before=_endpoints(round(50 * share))))
        for share in (0.0, 0.1, 0.3, 0.5, 0.6, 0.7, 0.9)
    ))  # fmt: skip
    echo("\nmean wait of endpoints that arrive one by one, as a share of the plain way")
    _table(("every s", "plain s", "batching", "parallel+batching"), (
        (gap, *_shares({**_endpoints(40), "every_seconds": gap},
                       ("batching", "parallel+batching"), metric="api_validation_wait_seconds"))
        for gap in (0.01, 0.05, 0.1, 0.15, 0.2, 0.5)
    ))  # fmt: skip


def _endpoints(count: int) -> dict[str, Any]:
    names = [f"/api/v1/{number}" for number in range(count)]
    return {"endpoints": [{"endpoint": name, "method": "GET"} for name in names]}


def _table(head: Sequence[str], rows: Iterable[Sequence[float]]) -> None:
    echo(" ".join(f"{name:>23}" for name in head))
    for first, plain, *shares in rows:
        echo(f"{first:>23} {plain:23.3f} " + " ".join(f"{share:23.2f}" for share in shares))


def _shares(
    job: Mapping[str, Any], combinations: Sequence[str], *, before: Mapping[str, Any] | None = None,
    metric: str = "api_validation_seconds", **settings: Any,
) -> list[float]:  # fmt: skip
    """Seconds with everything off, and what is left of them under each combination.

    Both are sums over so many seeds that the luck of a few requests does not count.
    """
    common = {"repository": {"files": 5, "seed": 1}, "operations": ["api_validation"],
              "settings": {"max_requests_per_second": 5}}  # fmt: skip
    jobs = [{**common, **job}]
    if before and before["endpoints"]:
        jobs.insert(0, {**common, **before, "measured": False})
    seeds, totals = max(1, 100 // len(job["endpoints"])), [0.0] * (len(combinations) + 1)
    for seed in range(seeds):
        with _scenario(jobs, combinations, {**settings, "seed": seed}) as scenario:
            path = scenario.path.with_suffix(".cassette")
            cassette, _ = store.resume(path, scenario, 1, fresh=True)
            runs = recording.record_cells(
                scenario, 1, cassette, Endpoint("http://127.0.0.1:9/v1", "none", ()), lambda: None
            )
            found = {each.id: run.outcome for each, run in runs.items()}
            for place, name in enumerate(("none", *combinations)):
                totals[place] += metric_of(found[name], metric)
    return [totals[0] / seeds, *(total / totals[0] for total in totals[1:])]


def metric_of(outcome: Any, metric: str) -> float:
    """A metric of the subject's own."""
    value: float = outcome.metrics[metric][0]
    return value


@contextmanager
def _scenario(
    jobs: Sequence[Mapping[str, Any]], combinations: Sequence[str], settings: Mapping[str, Any]
) -> Iterator[loading.Scenario]:
    chosen = ProviderSettings(**settings)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_services({"api": 0}, {}, chosen) as addresses,
    ):
        service = {"base_url": addresses["api"], "env": "API_BASE_URL", "headers": ["Allow"]}
        document = {
            "title": "A sweep", "about": "A sweep.", "subject": "optimizer", "trials": 1,
            "requests": [yaml.safe_dump(job) for job in jobs], "services": {"api": service},
            "provider": {"name": "simulated", "settings": dict(settings)},
            "factors": ["level", "cache", "parallel", "batching", "throttling"], "design": "named",
            "combinations": list(combinations),
        }  # fmt: skip
        path = Path(folder) / "sweep.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        yield loading.load(path)


def live() -> None:
    """A service that takes its time and refuses more than ten requests a second."""
    jobs = [{"endpoint": f"/api/v1/{number}", "method": "GET"} for number in range(40)]
    echo("40 endpoints, a service of at most 10 requests a second, four at once")
    with running_services(
        {"api": 0}, {}, ProviderSettings(), sleep=True, requests_per_second=10
    ) as addresses:
        for throttled in ("false", "true"):
            tuned = PerformanceOptimizer({
                **PLAIN, "OPTIMIZATION_LEVEL": "moderate", "BATCH_PROCESSING": "false",
                "REQUEST_THROTTLING": throttled, "MAX_REQUESTS_PER_SECOND": "10",
                "API_BASE_URL": addresses["api"],
            })  # fmt: skip
            time.sleep(1.5)  # the limit forgets
            results: list[Any] = []
            work = partial(tuned.optimize_api_validation, jobs)
            seconds = seconds_of(lambda work=work, results=results: results.extend(work()))
            known = sum(result["valid"] is not None for result in results)
            counts = f"{tuned.counts['requests']} requests, {tuned.counts['limited']} refused"
            answered = f"{known} of {len(results)} answered"
            echo(f"throttling {throttled:5}: {seconds:5.1f} s, {counts}, {answered}")


def main(words: Sequence[str]) -> None:
    """Run the chosen sweeps; `local` takes sizes."""
    which = words[0] if words else ""
    if which == "local":
        local([int(word) for word in words[1:]] or [10, 50, 200, 1000, 5000])
    elif which == "requests":
        requests()
    elif which == "live":
        live()
    else:
        echo(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
