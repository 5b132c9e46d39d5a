"""Runs of a suite, item by item, on the application and on mutants of it.

The application is served by another process, and what a mutant changes is changed here, between the
two. So an item can tell a mutant from none by the answers of the application alone. What it could
know by counting is worth nothing: the order of the runs that decide is drawn from the files, and
about half of them have no mutant.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from flagbench.acceptance.mutants import MUTANTS, SILENCES
from flagbench.acceptance.sandbox.sandbox import Application
from flagbench.acceptance.suite_process import SuiteProcess

# Runs that decide of an item, with each mutant that it caught at first.
MUTANT_RUNS = 2
_MORE_NULL_RUNS, _MOST_NULL_RUNS = 2, 7


def null_runs(mutants: int) -> int:
    """Runs without a mutant of an item that caught so many.

    However the mutants are spread over items, to guess the order of the runs of half of them alone
    is one chance in 3003.
    """
    return min(mutants + _MORE_NULL_RUNS, _MOST_NULL_RUNS)


def run_suite(
    place: AbstractContextManager[Application], files: Mapping[str, str], path: str, address: str
) -> dict[str, Any]:
    """Run a suite in `place` once, and if it passes with each mutant; the fields of a `SuiteRun`.

    A mutant is caught if an item fails whenever it meets it, and never without one. Raises
    `Misbehaved` or `Raised` for a suite that ends its process.
    """
    with SuiteProcess(place, files, path, address) as process:
        collection = process.collection
        result: dict[str, Any] = {
            "collected": collection.collected, "broken": collection.broken, "failed": {},
            "caught": {}, "flaky": {}, "idle": [],
        }  # fmt: skip
        acting: list[frozenset[str]] = []
        for item, name in enumerate([] if collection.broken else collection.collected):
            message = process.run(item)
            acting.append(process.acting)
            if message is not None:
                result["failed"][name] = message
        if result["failed"] or not acting:
            return result
        catchers = _find_catchers(process, acting)
        flaky = _decide(process, catchers, _order_of(files))
        catching = set(catchers.values())
        result["idle"] = [
            name
            for item, name in enumerate(collection.collected)
            if item not in catching and _is_idle(process, item, acting[item])
        ]
    result["caught"] = {
        mutant: mutant in catchers and catchers[mutant] not in flaky for mutant in MUTANTS
    }
    result["flaky"] = {collection.collected[item]: message for item, message in flaky.items()}
    return result


def _find_catchers(process: SuiteProcess, acting: Sequence[frozenset[str]]) -> dict[str, int]:
    """An item that fails with it, for each mutant that has such an item.

    Few items, because each of them runs again without a mutant: first those that are catchers
    already, then those on which most mutants act.
    """
    catchers: dict[str, int] = {}

    def rank(item: int) -> tuple[bool, int, int]:
        return item not in catchers.values(), -len(acting[item]), item

    for mutant in MUTANTS:
        for item in sorted(range(len(acting)), key=rank):
            if mutant in acting[item] and process.run(item, mutant) is not None:
                catchers[mutant] = item
                break
    return catchers


def _decide(
    process: SuiteProcess, catchers: dict[str, int], order: random.Random
) -> dict[int, str]:
    """Run the items again, with their mutants and without, and remove mutants that pass.

    Returns the failures of flaky items.
    """
    runs = [(item, mutant) for mutant, item in catchers.items()] * MUTANT_RUNS
    for item, count in Counter(catchers.values()).items():
        runs += [(item, "")] * null_runs(count)
    order.shuffle(runs)
    flaky: dict[int, str] = {}
    for item, mutant in runs:
        if item in flaky or (mutant and mutant not in catchers):
            continue
        message = process.run(item, mutant)
        if mutant and message is None:
            del catchers[mutant]
        elif not mutant and message is not None:
            flaky[item] = message
    return flaky


def _is_idle(process: SuiteProcess, item: int, acting: frozenset[str]) -> bool:
    """True if an item passes whatever is answered."""
    return all(process.run(item, mutant) is None for mutant in (*SILENCES, *sorted(acting)))


def _order_of(files: Mapping[str, str]) -> random.Random:
    """A generator that depends on the files alone, so that a proof can be repeated."""
    text = "\0".join(f"{name}\0{files[name]}" for name in sorted(files))
    return random.Random(hashlib.sha256(text.encode("utf-8", "replace")).digest())  # noqa: S311  no secret
