"""A scenario file becomes a frozen value, or one error that names everything wrong in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from harness import matrix, subject, target, yaml_lines
from harness.acceptance.django import erd
from harness.acceptance.django.erd import Erd
from harness.acceptance.expected import Entity, closure
from harness.errors import InputError, Problem
from harness.matrix import Combination, Factor
from harness.provider.settings import ProviderSettings
from harness.scenario_file import Bar, Found, ScenarioFile, checked
from harness.target import Target

# Files that live beside the scenarios: the ledger of claims.
NOT_SCENARIOS = ("claims.yaml",)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Bars by metric that one combination's figures are held against; they decide nothing."""

    combination: str
    bars: Mapping[str, Bar]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to run. `combinations` is the design's and the named ones, in a fixed order.

    `acceptance` is what each request must leave, empty if nothing is proven.
    `overrides` are the command line arguments that this run has in place of the file's own.
    """

    path: Path
    name: str
    title: str
    about: str
    subject: str
    requests: tuple[str, ...]
    model: str
    provider: str
    settings: ProviderSettings
    trials: int
    factors: tuple[Factor, ...]
    combinations: tuple[Combination, ...]
    targets: Mapping[str, tuple[Target, ...]]
    marks: tuple[str, ...]
    acceptance: tuple[Entity, ...] | tuple[Erd, ...] = ()
    dashboard: Dashboard | None = None
    overrides: tuple[str, ...] = ()

    @property
    def control(self) -> Combination:
        """Every flag off: what the others are compared with."""
        return matrix.combine(self.factors, {})

    @property
    def entities(self) -> tuple[Entity, ...]:
        """What is expected of each request, none where the requests specify themselves."""
        return tuple(one for one in self.acceptance if isinstance(one, Entity))

    def environment(self, combination: Combination) -> dict[str, str]:
        """The flags as the subject knows them: environment name -> level."""
        levels = dict(combination.levels)
        return {one.env: levels[one.name] for one in self.factors}


# What every summary has; a subject adds the rates that it returns.
METRICS = (
    "token_reduction", "time_reduction", "cost_reduction", "approval_rate",
    "tokens", "prompt_tokens", "completion_tokens", "seconds", "usd", "calls",
)  # fmt: skip


def load(path: Path) -> Scenario:
    """Read a scenario. Raises `InputError` with every problem found, each with file and line."""
    document, lines = yaml_lines.read(path)
    if not isinstance(document, dict):
        raise InputError(Problem("a scenario is a mapping of keys", where=f"{path}:1"))
    parsed, problems = checked(document)
    factors = _factors(document, parsed, problems)
    combinations = _combinations(document, factors, problems)
    targets = _targets(document, factors, problems)
    requests = _requests(path, parsed, problems) if parsed else ()
    acceptance = _acceptance(parsed, requests, problems) if parsed else ()
    dashboard = _dashboard(parsed, factors, combinations, problems) if parsed else None
    if parsed is not None and factors is not None:
        combinations = [*matrix.DESIGNS[parsed.design](factors), *combinations]
        problems += _never_judged(document, factors, combinations)
    if parsed is None or factors is None or problems:
        told = sorted(
            {(yaml_lines.line_of(lines, at), what, right) for at, what, right in problems}
        )
        raise InputError(
            Problem(what, where=f"{path}:{line}", right=right) for line, what, right in told
        )
    return Scenario(
        path=path,
        name=path.stem,
        title=parsed.title,
        about=parsed.about,
        subject=parsed.subject,
        requests=requests,
        model=parsed.model,
        provider=parsed.provider.name,
        settings=parsed.provider.settings,
        trials=parsed.trials,
        factors=factors,
        combinations=matrix.unique(combinations),
        targets=targets,
        marks=tuple(parsed.marks),
        acceptance=acceptance,
        dashboard=dashboard,
    )


def _requests(path: Path, parsed: ScenarioFile, found: list[Found]) -> tuple[str, ...]:
    """The requests as text: what a file holds stands for its name."""
    texts = []
    for number, one in enumerate(parsed.requests):
        if isinstance(one, str):
            texts.append(one)
            continue
        place = ("requests", number, "file")
        try:
            text = (path.parent / one.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            right = "a text file, named from the scenario's folder"
            found.append((place, f"{one.file}: cannot be read: {error}", right))
            continue
        if not text.strip():
            found.append((place, f"{one.file} is empty", "a request"))
        texts.append(text)
    return tuple(texts)


def _factors(
    document: Mapping[str, Any], parsed: ScenarioFile | None, found: list[Found]
) -> tuple[Factor, ...] | None:
    """The scenario's own factors, or those of the subject that it chooses (all by default).

    None where they cannot be known, so that nothing more is said about what names them.
    """
    chosen = document.get("factors")
    if isinstance(chosen, dict):
        return _own_factors(parsed.factors, found) if parsed else None
    if not isinstance(document.get("subject"), str):
        return None
    try:
        offered = subject.factors_of(subject.load(document["subject"]))
    except ValueError as error:
        found.append((("subject",), str(error), ""))
        return None
    if not isinstance(chosen, list):
        return offered
    names = [one.name for one in offered]
    for number, name in enumerate(chosen):
        if name not in names:
            found.append((("factors", number), f"unknown flag {name!r}", ", ".join(names)))
    return tuple(one for one in offered if one.name in chosen)


def _own_factors(declared: object, found: list[Found]) -> tuple[Factor, ...]:
    factors = []
    for name, one in (declared if isinstance(declared, dict) else {}).items():
        place = ("factors", name)
        if not matrix.FACTOR_NAME.match(name) or name in matrix.PRESETS:
            found.append((place, f"{name!r} cannot name a flag", "lower-case letters and _"))
        if one.default not in one.levels:
            found.append((place, f"default {one.default!r} is no level", ", ".join(one.levels)))
        factors.append(Factor(name, one.env, tuple(one.levels), default=one.default))
    return tuple(factors)


def _combinations(
    document: Mapping[str, Any], factors: Sequence[Factor] | None, found: list[Found]
) -> list[Combination]:
    named = document.get("combinations", [])
    combinations = []
    for number, text in enumerate(named if isinstance(named, list) else []):
        combination = _combination(("combinations", number), text, factors, found)
        combinations += [combination] if combination else []
    if document.get("design") == "named" and not named:
        found.append(
            (("design",), "design 'named' without combinations", "combinations: [none, all]")
        )
    return combinations


def _targets(
    document: Mapping[str, Any], factors: Sequence[Factor] | None, found: list[Found]
) -> dict[str, tuple[Target, ...]]:
    targets: dict[str, tuple[Target, ...]] = {}
    named = document.get("targets", {})
    for text, bounds in (named if isinstance(named, dict) else {}).items():
        combination = _combination(("targets", text), text, factors, found)
        if combination is None or not isinstance(bounds, dict):
            continue
        parsed = []
        for metric, bound in bounds.items():
            place = ("targets", text, metric)
            if metric not in METRICS and not str(metric).endswith("_rate"):
                close = get_close_matches(str(metric), METRICS, n=1)
                right = close[0] if close else ", ".join(METRICS) + ", or a rate of the subject"
                found.append((place, f"unknown metric {metric!r}", right))
            try:
                parsed.append(target.parse(str(metric), str(bound)))
            except ValueError as error:
                found.append((place, str(error), ""))
        targets[combination.id] = (*targets.get(combination.id, ()), *parsed)
    return targets


def _never_judged(
    document: Mapping[str, Any], factors: Sequence[Factor], combinations: Sequence[Combination]
) -> list[Found]:
    """Targets of a combination that is not run: promises that nothing would ever hold to."""
    run = {one.id for one in combinations}
    never: list[Found] = []
    for text in document.get("targets", {}):
        named = _combination(("targets", text), text, factors, [])
        if named is not None and named.id not in run:
            right = f"combinations: [{text}]"
            never.append((("targets", text), f"{text!r} has targets and is not run", right))
    return never


def _acceptance(
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


def _dashboard(
    parsed: ScenarioFile,
    factors: Sequence[Factor] | None,
    named: Sequence[Combination],
    found: list[Found],
) -> Dashboard | None:
    if parsed.dashboard is None or factors is None:
        return None
    one = _combination(("dashboard", "of"), parsed.dashboard.of, factors, found)
    if one is None:
        return None
    if one not in {*matrix.DESIGNS[parsed.design](factors), *named}:
        what, right = f"{parsed.dashboard.of!r} is not run", f"combinations: [{one.id}]"
        found.append((("dashboard", "of"), what, right))
    for metric in parsed.dashboard.bars:
        if metric not in METRICS and not metric.endswith("_rate"):
            right = ", ".join(METRICS) + ", or a rate of the subject"
            found.append((("dashboard", "bars", metric), f"unknown metric {metric!r}", right))
    return Dashboard(one.id, parsed.dashboard.bars)


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


def _combination(
    place: yaml_lines.Place, text: object, factors: Sequence[Factor] | None, found: list[Found]
) -> Combination | None:
    if factors is None:
        return None
    try:
        return matrix.parse(str(text), factors)
    except ValueError as error:
        found.append((place, str(error), ""))
        return None
