"""Components held against integration patterns: each requirement in order, the first that fails."""

import re
from collections.abc import Callable, Mapping, Sequence
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
    patterns: Sequence[IntegrationPattern],
    analysis: Mapping[str, Any],
    text: str,
    *,
    stops_early: bool,
) -> dict[str, Any]:
    """Hold a component against patterns that can be tested.

    `results` has for each pattern that applies the first requirement that fails, None if it holds.
    A component that does not parse fails every pattern by `parses`; that of which it is unknown has
    no results. `stops_early` skips what cannot
    change this answer; `checks` counts the requirements that were tested.
    """
    checks, results = 0, dict[str, str | None]()
    if analysis["parses"] is None:
        return {"results": None, "checks": 0}
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
    return {"results": results, "checks": checks}


def validate_all(
    patterns: Sequence[IntegrationPattern],
    stops_early: bool,
    components: list[tuple[Mapping[str, Any], str]],
) -> list[dict[str, Any]]:
    """Validate several components by their analyses and texts."""
    return [validate(patterns, *component, stops_early=stops_early) for component in components]


def conclusion(
    patterns: Sequence[IntegrationPattern], analysis: Mapping[str, Any],
    results: Mapping[str, str | None] | None,
) -> dict[str, Any]:  # fmt: skip
    """The validation of a component: `valid` is None if nothing fails and something is untested."""
    unknown = analysis["error"] if results is None else None
    reasons = {pattern.name: unknown or problem_of(pattern) for pattern in patterns}
    untested = {name: reason for name, reason in reasons.items() if reason}
    results = dict(results or {})
    valid = False if any(results.values()) else None if untested else True
    return {"valid": valid, "results": results, "untested": untested}
