"""Components held against integration patterns: each requirement in order, the first that fails."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flagbench_generators.optimizer.components import IntegrationPattern

# Part of the key of cached results.
VERSION = 1
Test = Callable[[Mapping[str, Any], str, Any], bool]


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _imports(analysis: Mapping[str, Any], module: str) -> bool:
    return any(f"{name}.".startswith(f"{module}.") for name in analysis.get("imports", ()))


# A test of a component's analysis and text against the value of a requirement.
TESTS: Mapping[str, Test] = {
    "parses": lambda analysis, _, value: (analysis["parses"] is True) is value,
    "lines_at_most": lambda analysis, _, value: analysis["lines"] <= value,
    "complexity_at_most": lambda analysis, _, value: analysis["complexity"] <= value,
    "documented_share_at_least": lambda analysis, _, value: analysis["documented_share"] >= value,
    "defines": lambda analysis, _, value: value in analysis["defines"],
    "imports": lambda analysis, _, value: _imports(analysis, value),
    "imports_none_of": lambda analysis, _, value: not any(_imports(analysis, m) for m in value),
    "has_routes": lambda analysis, _, value: bool(analysis["routes"]) is value,
    "matches_none_of": lambda _, text, value: not any(_expression(p).search(text) for p in value),
}


def problem_of(pattern: IntegrationPattern) -> str | None:
    """The reason for which a pattern cannot be tested; None if it can."""
    for kind, value in pattern.requires:
        if kind not in TESTS:
            return f"unknown requirement {kind!r}; expected: {', '.join(TESTS)}"
        if kind.endswith(("_at_most", "_at_least")) and not isinstance(value, (int, float)):
            return f"{kind} is {value!r}; expected: a number"
        if kind == "matches_none_of":
            try:
                for expression in value:
                    _expression(expression)
            except (re.error, TypeError) as error:
                return f"{kind}: {error}"
    return None


def validate(
    analysis: Mapping[str, Any],
    text: str,
    patterns: list[IntegrationPattern],
    *,
    stops_early: bool,
) -> dict[str, Any]:
    """Hold a component against patterns that can be tested.

    `results` has for each pattern that applies the first requirement that fails, None if it holds.
    A component that does not parse fails every pattern by `parses`. `stops_early` skips what cannot
    change this answer; `checks` counts the requirements that were tested.
    """
    checks, results = 0, dict[str, str | None]()
    for pattern in patterns:
        if analysis["parses"] is not True and stops_early:
            results[pattern.name] = "parses"
            continue
        if pattern.applies_to and not _imports(analysis, pattern.applies_to):
            if analysis["parses"] is not True:
                results[pattern.name] = "parses"
            continue
        failed = None if analysis["parses"] is True else "parses"
        for kind, value in pattern.requires:
            checks += 1
            holds = TESTS[kind](analysis, text, value) if analysis["parses"] is True else False
            failed = failed if holds or failed else kind
            if failed and stops_early:
                break
        results[pattern.name] = failed
    valid = not any(results.values())
    return {"valid": valid, "results": results, "checks": checks}


def validate_all(
    job: tuple[list[tuple[Mapping[str, Any], str]], list[IntegrationPattern], bool],
) -> list[dict[str, Any]]:
    """Validate several components: the work of a process of a pool."""
    components, patterns, stops_early = job
    return [validate(*component, patterns, stops_early=stops_early) for component in components]
