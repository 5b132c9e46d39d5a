"""Validation in layers: syntax, dependencies, patterns, routes; one quality report."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from flagbench_generators.optimizer.components import CodeComponent, IntegrationPattern
from flagbench_generators.optimizer.rules import LAYERS

if TYPE_CHECKING:
    from flagbench_generators.optimizer.operations import Operations

PASSED, FAILED, UNKNOWN, SKIPPED = "passed", "failed", "unknown", "skipped"
SYNTAX, DEPENDENCIES, ROUTES = "syntax", "dependencies", "api"
NAMES = (SYNTAX, DEPENDENCIES, "patterns", ROUTES)
Layer = dict[str, Any]


async def judge(
    operations: "Operations",
    components: Sequence[CodeComponent],
    patterns: Sequence[IntegrationPattern],
) -> dict[str, Any]:
    """Judge components layer by layer.

    Syntax is critical: if it fails, the layers after it are reported as skipped, also where they
    ran. Early termination keeps them from running. A layer that has no result within the rule
    `timeout` is unknown.
    """

    async def of_patterns() -> Layer:
        return _patterns(await operations.validated(components, patterns))

    async def of_routes() -> Layer:
        return await _routes(operations, done)

    async def of_dependencies() -> Layer:
        return _dependencies(done)

    done: Sequence[CodeComponent] = ()
    seconds = operations.component_optimizers[LAYERS]["timeout"]
    try:
        async with asyncio.timeout(seconds):
            done = await operations.analysed(components)
        syntax = _syntax(done)
    except TimeoutError:
        syntax = _layer(0, [], [_late(seconds)])
    layers = {SYNTAX: {"critical": True, **syntax}}
    rest: Mapping[str, Callable[[], Awaitable[Layer]]] = dict(
        zip(NAMES[1:], (of_dependencies, of_patterns, of_routes), strict=True)
    )
    is_over = syntax["status"] == FAILED or not done
    found = [_layer(0, [], [])] * len(rest)
    if not (is_over and operations.early_termination) and done:
        bounded = [_bounded(layer, seconds) for layer in rest.values()]
        if operations.parallel_enabled:
            ran = await asyncio.gather(*bounded)
        else:
            ran = [await layer for layer in bounded]
        found = found if is_over else ran
    layers |= {name: {"critical": False, **layer} for name, layer in zip(rest, found, strict=True)}
    return {**_summary(layers), "layers": layers}


async def _bounded(layer: Callable[[], Awaitable[Layer]], seconds: float | None) -> Layer:
    try:
        async with asyncio.timeout(seconds):
            return await layer()
    except TimeoutError:
        return _layer(0, [], [_late(seconds)])


def _late(seconds: float | None) -> str:
    return f"no result within {seconds} s"


def _layer(checked: int, problems: Sequence[str], unknown: Sequence[str]) -> Layer:
    """A layer by its number of checks, and the messages of those that fail or are unknown."""
    status = FAILED if problems else UNKNOWN if unknown else PASSED if checked else SKIPPED
    return {"status": status, "checked": checked, "failed": len(problems),
            "problems": sorted([*problems, *unknown])}  # fmt: skip


def _summary(layers: Mapping[str, Layer]) -> dict[str, Any]:
    """The verdict, and the share of checks that hold; None where anything is unknown."""
    statuses = {layer["status"] for layer in layers.values()}
    checked = sum(layer["checked"] for layer in layers.values())
    failed = sum(layer["failed"] for layer in layers.values())
    is_known = UNKNOWN not in statuses and checked > 0
    verdict = "rejected" if FAILED in statuses else "accepted" if is_known else UNKNOWN
    return {"verdict": verdict, "score": round(1 - failed / checked, 6) if is_known else None}


def _syntax(components: Sequence[CodeComponent]) -> Layer:
    by_state: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for component in components:
        found = component.analysis or {}
        by_state[found["parses"]].append(f"{component.name}: {found['error']}")
    return _layer(len(components), by_state[False], by_state[None])


def _dependencies(components: Sequence[CodeComponent]) -> Layer:
    """No component needs itself by way of others; the first such way is the problem."""
    graph = {c.name: (c.analysis or {})["depends_on"] for c in components}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return _layer(len(graph), [" needs ".join(reversed(error.args[1]))], [])
    return _layer(len(graph), [], [])


def _patterns(components: Sequence[CodeComponent]) -> Layer:
    checked, problems, unknown = 0, list[str](), list[str]()
    for component in components:
        validation = component.validation or {}
        checked += len(validation["results"])
        problems += [f"{component.name}: {name}: {failed}"
                     for name, failed in validation["results"].items() if failed]  # fmt: skip
        unknown += [f"{component.name}: {name}: {reason}"
                    for name, reason in validation["untested"].items()]  # fmt: skip
    return _layer(checked, problems, unknown)


async def _routes(operations: "Operations", components: Sequence[CodeComponent]) -> Layer:
    """The declared routes exist in the service; those with parameters cannot be asked for."""
    declared = {tuple(route) for component in components
                for route in (component.analysis or {}).get("routes", ())}  # fmt: skip
    asked = sorted((method, path) for method, path in declared
                   if path.startswith("/") and "{" not in path)  # fmt: skip
    if not asked:
        return _layer(0, [], [])
    if not operations.api_base_url:
        return _layer(0, [], ["no service; expected: api_base_url"])
    verdicts = await operations.verdicts(asked)
    told = [(f"{method} {path}: {verdict['reason']}", verdict["valid"])
            for (method, path), verdict in zip(asked, verdicts, strict=True)]  # fmt: skip
    return _layer(len(asked), [text for text, valid in told if valid is False],
                  [text for text, valid in told if valid is None])  # fmt: skip
