"""A scenario file becomes a frozen value, or one error that names everything wrong in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import matrix, promises, subject, yaml_lines
from harness.acceptance.django.erd import Erd
from harness.acceptance.expected import Entity
from harness.errors import InputError, Problem
from harness.matrix import Combination, Factor
from harness.promises import Dashboard, combination_of
from harness.provider.settings import SIMULATED, ProviderSettings
from harness.scenario_file import Found, ScenarioFile, checked
from harness.target import Target

# Files that live beside the scenarios: the ledger of claims.
NOT_SCENARIOS = ("claims.yaml",)


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
    def pictured_trial(self) -> int:
        """The trial that a picture shows: the first, or of a sweep over trials the far end."""
        return self.trials if self.swept else 1

    @property
    def swept(self) -> dict[str, list[float]]:
        """The provider's settings that differ by trial; a real provider has none."""
        return self.settings.swept(self.trials) if self.provider == SIMULATED else {}

    @property
    def entities(self) -> tuple[Entity, ...]:
        """What is expected of each request, none where the requests specify themselves."""
        return tuple(one for one in self.acceptance if isinstance(one, Entity))

    def environment(self, combination: Combination) -> dict[str, str]:
        """The flags as the subject knows them: environment name -> level."""
        levels = dict(combination.levels)
        return {one.env: levels[one.name] for one in self.factors}


def load(path: Path) -> Scenario:
    """Read a scenario. Raises `InputError` with every problem found, each with file and line."""
    document, lines = yaml_lines.read(path)
    if not isinstance(document, dict):
        raise InputError(Problem("a scenario is a mapping of keys", where=f"{path}:1"))
    parsed, problems = checked(document)
    factors = _factors(document, parsed, problems)
    combinations = _combinations(document, factors, problems)
    targets = promises.targets(document, factors, problems)
    requests = _requests(path, parsed, problems) if parsed else ()
    acceptance = promises.acceptance(parsed, requests, problems) if parsed else ()
    dashboard = promises.dashboard(parsed, factors, combinations, problems) if parsed else None
    problems += _never_recorded(parsed) if parsed else []
    if parsed is not None and factors is not None:
        combinations = [*matrix.DESIGNS[parsed.design](factors), *combinations]
        problems += promises.never_judged(document, factors, combinations)
    if parsed is None or factors is None or problems:
        told = sorted(
            {(yaml_lines.line_of(lines, at), what, expected) for at, what, expected in problems}
        )
        raise InputError(
            Problem(what, where=f"{path}:{line}", expected=expected)
            for line, what, expected in told
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


def _never_recorded(parsed: ScenarioFile) -> list[Found]:
    """Values for recordings that the scenario does not have."""
    return [
        (
            ("provider", "settings", "by_trial", name),
            f"{name} has {len(values)} values for {parsed.trials} trials",
            f"trials: {len(values)}",
        )
        for name, values in parsed.provider.settings.by_trial.items()
        if len(values) > parsed.trials
    ]


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
        combination = combination_of(("combinations", number), text, factors, found)
        combinations += [combination] if combination else []
    if document.get("design") == "named" and not named:
        found.append(
            (("design",), "design 'named' without combinations", "combinations: [none, all]")
        )
    return combinations
