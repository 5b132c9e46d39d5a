"""The judge of an optimizer's work, and its checks in their order."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from flagbench.acceptance.optimizer import reference
from flagbench.acceptance.optimizer.asked import Item, items_of, needed_items
from flagbench.acceptance.optimizer.case import ServiceCall, WorkCase
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Figures, Refuted
from flagbench.acceptance.selection import Selection

READABLE, COMPLETE, STALE, DAMAGED = "readable", "complete", "stale", "damaged"
RESULTS, REQUESTS, SPACING, MEMORY = "results", "requests", "spacing", "memory"
CHECKS = (READABLE, COMPLETE, STALE, DAMAGED, RESULTS, REQUESTS, SPACING, MEMORY)
_ON_DISK = ("disk", "hybrid")
_WINDOW_SECONDS = 1.0
# Clocks count microseconds.
_RESOLUTION_SECONDS = 1e-6
_MOST_ENTRY_BYTES = 64 * 1024


def judge(
    case: WorkCase, _probe: ProbeClient | None, _figures: Figures, _selection: Selection
) -> None:
    """Judge the work. Raises `Refuted`."""
    results, run = _read(case)
    states = list(_states(case))
    work = case.works[-1]
    expected = reference.results(work, states[0], states[-1])
    _check_complete(results, expected)
    _check_results(case, run, results, expected, states)
    if case.calls is not None:
        _check_requests(case, states)
        _check_spacing(run["settings"], case.calls_of(len(case.works)))
    _check_memory(run)


def _read(case: WorkCase) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        run = case.run(len(case.works))
        run["settings"]["cache_size"], run["seconds"][1]
        run["cache"]["memory_cache"]["most_entries"]
        results: dict[str, Any] = json.loads(case.files[case.path])
        if list(results) != sorted(case.works[-1].operations):
            raise Refuted(READABLE, f"results of {', '.join(results)}", case.path)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Refuted(READABLE, f"{type(error).__name__}: {error}", case.path) from error
    return results, run


def _states(case: WorkCase) -> Iterator[dict[str, str]]:
    """The repository before any work, and as each of the works finds it."""
    own = {f"{folder}/{number}.json" for number in range(1, len(case.works) + 1)
           for folder in ("results", "runs")}  # fmt: skip
    files = {path: text for path, text in case.files.items() if path not in own}
    yield dict(files)
    for work in case.works:
        for path, added in work.edits.items():
            files[path] = files.get(path, "") + added
        yield dict(files)


def _check_complete(results: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    for operation, wanted in expected.items():
        if isinstance(wanted, list):
            names, found = (list(map(_name_of, each)) for each in (wanted, results[operation]))
            if names != found:
                lost = list((Counter(names) - Counter(found)).elements())
                what = f"lacks {', '.join(lost[:3])}" if lost else "has another order"
                told = f"{operation}: {len(found)} of {len(names)} results; it {what}"
                raise Refuted(COMPLETE, told)


def _name_of(item: Any) -> str:
    """The name of an input in its result; "" for what is not one."""
    if not isinstance(item, dict):
        return ""
    return str(
        item.get("name") or item.get("query") or f"{item.get('method')} {item.get('endpoint')}"
    )


def _check_results(
    case: WorkCase, run: Mapping[str, Any], results: Mapping[str, Any],
    expected: Mapping[str, Any], states: list[dict[str, str]],
) -> None:  # fmt: skip
    """Hold each result against the reference, and a wrong one against earlier states."""
    damaged = run.get("damaged", 0)
    for operation, wanted in expected.items():
        pairs = _pairs(wanted, results[operation])
        for place, (right, found) in enumerate(pairs):
            if right == found:
                continue
            name = _name_of(right) if isinstance(wanted, list) else operation
            told = f"{operation}: {name}: {_difference(right, found)}"
            for state in states[:-1]:
                before = reference.results(case.works[-1], states[0], state)[operation]
                if state != states[-1] and found == _pairs(before, before)[place][0]:
                    raise Refuted(STALE, f"{told}; it was so before the file changed")
            raise Refuted(DAMAGED if damaged else RESULTS, told)
    if damaged and run["settings"]["cache_strategy"] in _ON_DISK and not run["cache"]["corrupted"]:
        raise Refuted(DAMAGED, f"{damaged} damaged entries, and the statistics tell of none")


def _pairs(wanted: Any, found: Any) -> list[tuple[Any, Any]]:
    if isinstance(wanted, list):
        return list(zip_longest(wanted, found))
    return [(wanted, found)]


def _difference(right: Any, found: Any) -> str:
    """The first difference of two JSON values, in words."""
    if isinstance(right, dict) and isinstance(found, dict):
        for name in sorted({*right, *found}):
            if right.get(name) != found.get(name):
                return f"{name}: {_difference(right.get(name), found.get(name))}"
    return f"{json.dumps(found)[:120]}; expected: {json.dumps(right)[:120]}"


def _check_requests(case: WorkCase, states: list[dict[str, str]]) -> None:
    """Each item is asked for once for each operation that needs it, unless a cache still has it."""
    number = len(case.works)
    needed, optional = needed_items(case.works[-1], states[-1])
    answered = Counter[Item]()
    for call in case.calls_of(number):
        if any(item not in needed | optional for item in items_of(call)):
            raise Refuted(REQUESTS, f"{call.method} {call.path} is not part of the work")
        if call.is_answered:
            answered.update(items_of(call))
    for item, times in (needed + optional).items():
        if answered[item] > times:
            raise Refuted(REQUESTS, f"{item}: answered, and asked for {answered[item]} times")
        if not answered[item] and item in needed:
            age = _age_seconds(case, item)
            ttl = case.works[-1].settings.cache_ttl
            if age is None:
                raise Refuted(REQUESTS, f"{item}: nobody asked for it")
            if ttl is not None and age >= ttl:
                raise Refuted(STALE, f"{item}: asked for {age:g} s before, kept for {ttl:g} s")


def _age_seconds(case: WorkCase, item: Item) -> float | None:
    """Seconds since an item was last answered in earlier work that kept it on disk."""
    number = len(case.works)
    times = [
        call.seconds
        for earlier in range(1, number)
        if case.run(earlier)["settings"]["cache_strategy"] in _ON_DISK
        for call in case.calls_of(earlier)
        if call.is_answered and item in items_of(call)
    ]
    is_kept = case.run(number)["settings"]["cache_strategy"] in _ON_DISK
    return case.run(number)["seconds"][1] - max(times) if times and is_kept else None


def _check_spacing(settings: Mapping[str, Any], calls: list[ServiceCall]) -> None:
    if not settings["request_throttling"]:
        return
    limit = settings["max_requests_per_second"]
    for early, late in zip(calls, calls[limit:], strict=False):
        if late.seconds - early.seconds < _WINDOW_SECONDS - _RESOLUTION_SECONDS:
            many = sum(early.seconds <= call.seconds < early.seconds + _WINDOW_SECONDS
                       for call in calls)  # fmt: skip
            told = f"{many} requests in the second from {early.seconds:.6f}; expected: at most"
            raise Refuted(SPACING, f"{told} {limit}")


def _check_memory(run: Mapping[str, Any]) -> None:
    memory, settings = run["cache"]["memory_cache"], run["settings"]
    most = settings["cache_size"] if settings["cache_strategy"] in ("memory", "hybrid") else 0
    if memory["most_entries"] > most:
        raise Refuted(MEMORY, f"{memory['most_entries']} entries; expected: at most {most}")
    if memory["bytes"] > most * _MOST_ENTRY_BYTES:
        raise Refuted(MEMORY, f"{memory['bytes']} bytes for {most} entries")
