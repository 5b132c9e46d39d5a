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


_NUMBER, _LIST = (int, float), (list, tuple)
# The types of a requirement's value, and the test of a component's analysis and text against it.
TESTS: Mapping[str, tuple[Any, Test]] = {
    "parses": (bool, lambda analysis, _, value: analysis["parses"] is value),
    "lines_at_most": (_NUMBER, lambda analysis, _, value: analysis["lines"] <= value),
    "complexity_at_most": (_NUMBER, lambda analysis, _, value: analysis["complexity"] <= value),
    "documented_share_at_least": (
        _NUMBER, lambda analysis, _, value: analysis["documented_share"] >= value),
    "defines": (str, lambda analysis, _, value: value in analysis["defines"]),
    "imports": (str, lambda analysis, _, value: _imports(analysis, value)),
    "imports_none_of": (
        _LIST, lambda analysis, _, value: not any(_imports(analysis, m) for m in value)),
    "has_routes": (bool, lambda analysis, _, value: bool(analysis["routes"]) is value),
    "matches_none_of": (
        _LIST, lambda _, text, value: not any(_expression(p).search(text) for p in value)),
}  # fmt: skip


def problem_of(pattern: IntegrationPattern) -> str | None:
    """The reason for which a pattern cannot be tested; None if it can."""
    for kind, value in pattern.requires:
        if kind not in TESTS:
            return f"unknown requirement {kind!r}; expected: {', '.join(TESTS)}"
        types = TESTS[kind][0]
        if not isinstance(value, types):
            expected = {bool: "true or false", str: "a name", _LIST: "a list"}.get(
                types, "a number"
            )
            return f"{kind} is {value!r}; expected: {expected}"
        try:
            _ = [_expression(text) for text in value] if kind == "matches_none_of" else ()
        except (re.error, TypeError) as error:
            return f"{kind}: {error}"
    return None


def validate(
    patterns: Sequence[IntegrationPattern], analysis: Mapping[str, Any], text: str, *,
    stops_early: bool,
) -> dict[str, Any]:  # fmt: skip
    """Hold a component against patterns that can be tested.

    `results` has for each pattern that applies the first requirement that fails, None if it holds.
    A component that does not parse fails every pattern by `parses`, without a test; where that is
    unknown, so are the results. `stops_early` skips what cannot change this answer; `checks` counts
    the requirements that were tested.
    """
    if analysis["parses"] is None:
        return {"results": None, "checks": 0}
    checks, results = 0, dict[str, str | None]()
    for pattern in patterns:
        failed = None if analysis["parses"] else "parses"
        applies = failed or not pattern.applies_to or _imports(analysis, pattern.applies_to)
        for kind, value in pattern.requires if applies and analysis["parses"] else ():
            if failed and stops_early:
                break
            checks += 1
            if not TESTS[kind][1](analysis, text, value):
                failed = failed or kind
        if applies:
            results[pattern.name] = failed
    return {"results": results, "checks": checks}


def validate_all(
    patterns: Sequence[IntegrationPattern], stops_early: bool,
    components: list[tuple[Mapping[str, Any], str]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Validate several components by their analyses and texts."""
    return [validate(patterns, *component, stops_early=stops_early) for component in components]


def conclusion(
    patterns: Sequence[IntegrationPattern], analysis: Mapping[str, Any], found: Mapping[str, Any]
) -> dict[str, Any]:
    """The validation of a component: `valid` is None if nothing fails and something is untested."""
    unknown = analysis["error"] if found["results"] is None else None
    reasons = {pattern.name: unknown or problem_of(pattern) for pattern in patterns}
    untested = {name: reason for name, reason in reasons.items() if reason}
    results = dict(found["results"] or {})
    valid = False if any(results.values()) else None if untested else True
    return {"valid": valid, "results": results, "untested": untested}
