"""The results of an optimizer's work in the plain, slow way: one by one, without a cache."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flagbench.acceptance.optimizer.analysis import Result, components, validation
from flagbench.acceptance.optimizer.served import routes_of, search, verdict
from flagbench.scenario.work import Work


def results(
    work: Work, served_files: Mapping[str, str], files: Mapping[str, str]
) -> dict[str, Any]:
    """The results of each operation of a work; `served_files` are the files that services know."""
    found, texts = components(files), {
        path.removesuffix(".py").replace("/", "."): text for path, text in files.items()
    }  # fmt: skip
    validated = {
        name: validation(result, texts[name], work.patterns) for name, result in found.items()
    }
    routes = routes_of(served_files)
    by_operation: dict[str, Callable[[], Any]] = {
        "component_analysis": lambda: [
            {"name": name, "analysis": result, "validation": None}
            for name, result in found.items()
        ],
        "pattern_validation": lambda: [
            {"name": name, "analysis": result, "validation": validated[name]}
            for name, result in found.items()
        ],
        "api_validation": lambda: [
            {**each.model_dump(exclude_unset=True),
             **verdict(routes, each.method.upper(), each.endpoint)}
            for each in work.endpoints
        ],
        "sourcegraph_search": lambda: [search(served_files, query) for query in work.queries],
        "multi_layer_validation": lambda: report(found, validated, routes),
    }  # fmt: skip
    return {operation: by_operation[operation]() for operation in work.operations}


def report(
    found: Mapping[str, Result], validated: Mapping[str, Result], routes: Mapping[str, set[str]]
) -> Result:
    """The quality report: all layers, or syntax alone where it fails."""
    broken = [f"{name}: {each['error']}" for name, each in found.items() if not each["parses"]]
    failed = [
        f"{name}: {pattern}: {requirement}"
        for name, each in validated.items()
        for pattern, requirement in each["results"].items()
        if requirement
    ]
    asked = declared_routes(found)
    missing = [
        f"{method} {path}: {answer['reason']}"
        for method, path in asked
        if not (answer := verdict(routes, method, path))["valid"]
    ]
    layers = {
        "syntax": _layer(len(found), broken, is_critical=True),
        "dependencies": _layer(len(found), list(_cycle(found))),
        "patterns": _layer(sum(len(each["results"]) for each in validated.values()), failed),
        "api": _layer(len(asked), missing),
    }
    if broken:
        layers |= {name: _layer(0, []) for name in layers if name != "syntax"}
    checked = sum(layer["checked"] for layer in layers.values())
    share = sum(layer["failed"] for layer in layers.values()) / checked
    return {
        "verdict": "rejected" if share else "accepted",
        "score": round(1 - share, 6),
        "layers": layers,
    }


def declared_routes(found: Mapping[str, Result]) -> list[tuple[str, str]]:
    """The routes of components that can be asked for: those without parameters."""
    declared = {tuple(route) for each in found.values() for route in each.get("routes", ())}
    return sorted(route for route in declared if "{" not in route[1])


def _layer(checked: int, problems: Sequence[str], *, is_critical: bool = False) -> Result:
    status = "failed" if problems else "passed" if checked else "skipped"
    return {"critical": is_critical, "status": status, "checked": checked,
            "failed": len(problems), "unknown": 0, "problems": sorted(problems)}  # fmt: skip


def _cycle(found: Mapping[str, Result]) -> Iterator[str]:
    """A problem for the first component that needs itself by way of others."""
    for name in found:
        reached, waiting = set[str](), list(found[name]["depends_on"])
        while waiting:
            needed = waiting.pop()
            if needed not in reached:
                reached.add(needed)
                waiting += found[needed]["depends_on"]
        if name in reached:
            yield f"{name} needs itself"
            return
