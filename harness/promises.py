"""What a scenario file promises: targets, what must be accepted, and the bars of a dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from harness import matrix, target, yaml_lines
from harness.acceptance.django import erd
from harness.acceptance.django.erd import Erd
from harness.acceptance.expected import Entity, closure
from harness.matrix import Combination, Factor
from harness.scenario_file import Found, ScenarioFile, Threshold
from harness.target import Target

# What every summary has; a subject adds the rates that it returns.
METRICS = (
    "token_reduction", "time_reduction", "cost_reduction", "approval_rate",
    "tokens", "prompt_tokens", "completion_tokens", "seconds", "usd", "calls",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Thresholds by metric that one combination's figures are held against; they decide nothing."""

    combination: str
    thresholds: Mapping[str, Threshold]


def targets(
    document: Mapping[str, Any], factors: Sequence[Factor] | None, found: list[Found]
) -> dict[str, tuple[Target, ...]]:
    """Combination -> its targets. Whatever is wrong in them is added to what was found."""
    kept: dict[str, tuple[Target, ...]] = {}
    named = document.get("targets", {})
    for text, bounds in (named if isinstance(named, dict) else {}).items():
        combination = combination_of(("targets", text), text, factors, found)
        if combination is None or not isinstance(bounds, dict):
            continue
        parsed = []
        for metric, bound in bounds.items():
            place = ("targets", text, metric)
            found += _unknown_metric(place, str(metric))
            try:
                parsed.append(target.parse(str(metric), str(bound)))
            except ValueError as error:
                found.append((place, str(error), ""))
        kept[combination.id] = (*kept.get(combination.id, ()), *parsed)
    return kept


def never_judged(
    document: Mapping[str, Any], factors: Sequence[Factor], combinations: Sequence[Combination]
) -> list[Found]:
    """Targets of a combination that is not run: promises that nothing would ever hold to."""
    run = {one.id for one in combinations}
    never: list[Found] = []
    for text in document.get("targets", {}):
        named = combination_of(("targets", text), text, factors, [])
        if named is not None and named.id not in run:
            right = f"combinations: [{text}]"
            never.append((("targets", text), f"{text!r} has targets and is not run", right))
    return never


def acceptance(
    parsed: ScenarioFile, requests: Sequence[str], found: list[Found]
) -> tuple[Entity, ...] | tuple[Erd, ...]:
    """What each request must leave, as the file says, or as the request itself does."""
    if not isinstance(parsed.acceptance, str):
        found += _never_proven(parsed.acceptance, len(parsed.requests))
        return tuple(parsed.acceptance)
    erds = []
    for number, text in enumerate(requests):
        try:
            erds.append(erd.read(text))
        except ValueError as error:
            right = "an ERD in JSON (flagbench erd checks one)"
            found.append((("requests", number), f"is no ERD: {error}", right))
    return tuple(erds)


def dashboard(
    parsed: ScenarioFile,
    factors: Sequence[Factor] | None,
    named: Sequence[Combination],
    found: list[Found],
) -> Dashboard | None:
    """The dashboard that the file asks for, of a series that is run."""
    if parsed.dashboard is None or factors is None:
        return None
    one = combination_of(("dashboard", "of"), parsed.dashboard.of, factors, found)
    if one is None:
        return None
    if one not in {*matrix.DESIGNS[parsed.design](factors), *named}:
        what, right = f"{parsed.dashboard.of!r} is not run", f"combinations: [{one.id}]"
        found.append((("dashboard", "of"), what, right))
    for metric in parsed.dashboard.bars:
        found += _unknown_metric(("dashboard", "bars", metric), metric)
    return Dashboard(one.id, parsed.dashboard.bars)


def combination_of(
    place: yaml_lines.Place, text: object, factors: Sequence[Factor] | None, found: list[Found]
) -> Combination | None:
    """The combination that a text names, or None and why not."""
    if factors is None:
        return None
    try:
        return matrix.parse(str(text), factors)
    except ValueError as error:
        found.append((place, str(error), ""))
        return None


def _never_proven(expected: Sequence[Entity], requests: int) -> list[Found]:
    """Expectations that do not fit the requests, or that point at an entity nobody expects yet."""
    place: yaml_lines.Place = ("acceptance",)
    if expected and len(expected) != requests:
        what = f"{len(expected)} entities are expected of {requests} requests"
        return [(place, what, "for each request in order, its entity as it must then be")]
    never: list[Found] = []
    known: dict[str, Entity] = {}
    for number, one in enumerate(expected):
        known[one.entity] = one
        try:
            closure(one, known)
        except ValueError as error:
            right = f"one of {', '.join(known)}"
            never.append(((*place, number, "relations"), str(error), right))
    return never


def _unknown_metric(place: yaml_lines.Place, metric: str) -> list[Found]:
    if metric in METRICS or metric.endswith("_rate"):
        return []
    close = get_close_matches(metric, METRICS, n=1)
    right = close[0] if close else ", ".join(METRICS) + ", or a rate of the subject"
    return [(place, f"unknown metric {metric!r}", right)]
