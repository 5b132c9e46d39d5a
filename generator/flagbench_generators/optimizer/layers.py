"""Validation in layers: syntax, dependencies, patterns, routes; one quality report."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

from flagbench_generators.optimizer.components import CodeComponent, IntegrationPattern
from flagbench_generators.optimizer.operations import Operations
from flagbench_generators.optimizer.rules import LAYERS

PASSED, FAILED, UNKNOWN, SKIPPED = "passed", "failed", "unknown", "skipped"
NAMES = ("syntax", "dependencies", "patterns", "api")
Layer = dict[str, Any]


async def judge(
    operations: Operations, components: Sequence[CodeComponent],
    patterns: Sequence[IntegrationPattern],
) -> dict[str, Any]:  # fmt: skip
    """Judge components layer by layer.

    Syntax is critical: if it fails, the layers after it are reported as skipped, also where they
    ran. Early termination keeps them from running. A layer that has no result within the rule
    `timeout` is unknown. `score` is the share of checks that hold.
    """

    async def syntax() -> Layer:
        done.extend(await operations.analysed(components))
        return _syntax(done)

    async def of_patterns() -> Layer:
        return _patterns(await operations.validated(components, patterns))

    done = list[CodeComponent]()
    bounded = partial(_bounded, seconds=operations.component_optimizers[LAYERS]["timeout"])
    first = await bounded(syntax())
    found = [first, *([_layer(0)] * 3)]
    has_failed = first["status"] == FAILED
    if not (has_failed and operations.early_termination):
        rest: Sequence[Callable[[], Awaitable[Layer]]] = (
            partial(_dependencies, done), of_patterns, partial(_routes, operations, done),
        )  # fmt: skip
        if operations.parallel_enabled:
            later = await asyncio.gather(*(bounded(layer()) for layer in rest))
        else:
            later = [await bounded(layer()) for layer in rest]
        found = found if has_failed else [first, *later]
    layers = {name: {"critical": name == NAMES[0], **layer}
              for name, layer in zip(NAMES, found, strict=True)}  # fmt: skip
    return {**_summary(found), "layers": layers}


async def _bounded(layer: Awaitable[Layer], seconds: float | None) -> Layer:
    try:
        return await asyncio.wait_for(layer, seconds)
    except TimeoutError:
        return _layer(0, unknown=[f"no result within {seconds} s"])


def _layer(checked: int, problems: Sequence[str] = (), unknown: Sequence[str] = ()) -> Layer:
    """A layer by its number of checks, and the messages of those that fail or are unknown."""
    status = FAILED if problems else UNKNOWN if unknown else PASSED if checked else SKIPPED
    return {"status": status, "checked": checked, "failed": len(problems),
            "unknown": len(unknown), "problems": sorted([*problems, *unknown])}  # fmt: skip


def _by_state(checks: Iterable[tuple[bool | None, str]]) -> Layer:
    """A layer by whether each of its checks holds, None for unknown, and the message if not."""
    messages: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for holds, message in checks:
        messages[holds].append(message)
    return _layer(sum(map(len, messages.values())), messages[False], messages[None])


def _summary(layers: Sequence[Layer]) -> dict[str, Any]:
    """The verdict, and the share of checks that hold; None without a check."""
    statuses = {layer["status"] for layer in layers}
    checked, failed, unknown = (
        sum(layer[name] for layer in layers) for name in ("checked", "failed", "unknown")
    )
    is_known = PASSED in statuses and UNKNOWN not in statuses
    verdict = "rejected" if FAILED in statuses else "accepted" if is_known else UNKNOWN
    return {"verdict": verdict,
            "score": round(1 - (failed + unknown) / checked, 6) if checked else None}  # fmt: skip


def _syntax(components: Sequence[CodeComponent]) -> Layer:
    found = [(component.name, component.analysis or {}) for component in components]
    return _by_state((each["parses"], f"{name}: {each['error']}") for name, each in found)


async def _dependencies(components: Sequence[CodeComponent]) -> Layer:
    """No component needs itself by way of others; the first such way is the problem."""
    graph = {c.name: (c.analysis or {})["depends_on"] for c in components}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return _layer(len(graph), [" needs ".join(reversed(error.args[1]))])
    return _layer(len(graph))


def _patterns(components: Sequence[CodeComponent]) -> Layer:
    problems, unknown, checked = list[str](), list[str](), 0
    for component in components:
        found = component.validation or {}
        problems += [f"{component.name}: {each}: {kind}"
                     for each, kind in found["results"].items() if kind]  # fmt: skip
        untested = found["untested"].items()
        unknown += [f"{component.name}: {each}: {reason}" for each, reason in untested]
        checked += len({**found["results"], **found["untested"]})
    return _layer(checked, problems, unknown)


async def _routes(operations: Operations, components: Sequence[CodeComponent]) -> Layer:
    """The declared routes exist in the service; those with parameters cannot be asked for."""
    routes = [route for each in components for route in (each.analysis or {}).get("routes", ())]
    asked = sorted({(method, path) for method, path in routes
                    if path.startswith("/") and "{" not in path})  # fmt: skip
    if asked and not operations.api_base_url:
        return _layer(1, unknown=["no service; expected: api_base_url"])
    pairs = zip(asked, await operations.verdicts(asked) if asked else (), strict=True)
    return _by_state((verdict["valid"], f"{' '.join(route)}: {verdict['reason']}")
                     for route, verdict in pairs)  # fmt: skip
