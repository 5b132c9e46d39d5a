"""A scenario file becomes a frozen value, or one error that names everything wrong in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from harness import matrix, subject, target, yaml_lines
from harness.errors import InputError, Problem
from harness.matrix import Combination, Factor
from harness.provider.settings import ProviderSettings
from harness.target import Target

# Files that live beside the scenarios: the ledger of claims.
NOT_SCENARIOS = ("claims.yaml",)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Design = Literal["full", "one-at-a-time", "leave-one-out", "pairwise", "fractional", "named"]


Found = list[tuple[yaml_lines.Place, str, str]]
"""Problems on their way to a reader: place in the document, what is wrong, what would be right."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _FactorFile(_Part):
    env: Text
    levels: Annotated[list[Text], Field(min_length=2)] = ["false", "true"]
    default: Text = "false"


class _ProviderFile(_Part):
    name: Text
    settings: ProviderSettings = ProviderSettings()


class _ScenarioFile(_Part):
    """The keys of a scenario file; CONTRIBUTING explains each."""

    title: Text
    about: Text
    subject: Text
    requests: Annotated[list[Text], Field(min_length=1)]
    model: Text = "gpt-4o-mini"
    provider: _ProviderFile = _ProviderFile(name="simulated")
    trials: Annotated[int, Field(ge=1, le=100)] = 3
    factors: list[Text] | dict[Text, _FactorFile] | None = None
    design: Design = "full"
    combinations: list[Text] = []
    targets: dict[Text, dict[Text, Text]] = {}
    marks: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]] = []


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to run. `combinations` is the design's and the named ones, in a fixed order."""

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

    @property
    def control(self) -> Combination:
        """Every flag off: what the others are compared with."""
        return matrix.combine(self.factors, {})

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
    problems: Found = []
    parsed: _ScenarioFile | None = None
    try:
        parsed = _ScenarioFile.model_validate(document)
    except ValidationError as error:
        problems += [_told(one) for one in error.errors()]
    factors = _factors(document, problems)
    combinations = _combinations(document, factors, problems)
    targets = _targets(document, factors, problems)
    if parsed is None or problems:
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
        requests=tuple(parsed.requests),
        model=parsed.model,
        provider=parsed.provider.name,
        settings=parsed.provider.settings,
        trials=parsed.trials,
        factors=factors,
        combinations=matrix.unique((*matrix.DESIGNS[parsed.design](factors), *combinations)),
        targets=targets,
        marks=tuple(parsed.marks),
    )


def _told(error: Mapping[str, Any]) -> tuple[yaml_lines.Place, str, str]:
    """A pydantic error in words."""
    place = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        known = {
            *_ScenarioFile.model_fields,
            *_ProviderFile.model_fields,
            *ProviderSettings.model_fields,
        }
        close = get_close_matches(str(place[-1]), known, n=1)
        right = close[0] if close else ", ".join(_ScenarioFile.model_fields)
        return place, f"unknown key {place[-1]!r}", right
    if error["type"] == "missing":
        return place, f"key {place[-1]!r} is missing", f"{place[-1]}: ..."
    return place, f"{'.'.join(map(str, place))}: {error['msg']}", ""


def _factors(document: Mapping[str, Any], found: Found) -> tuple[Factor, ...]:
    """The scenario's own factors, or those of the subject that it chooses (all by default)."""
    chosen = document.get("factors")
    if isinstance(chosen, dict):
        return tuple(
            Factor(str(name), one["env"], tuple(one.get("levels", ("false", "true"))),
                   default=one.get("default", "false"))
            for name, one in chosen.items()
            if isinstance(one, dict) and isinstance(one.get("env"), str)
        )  # fmt: skip
    if not isinstance(document.get("subject"), str):
        return ()
    try:
        offered = subject.factors_of(subject.load(document["subject"]))
    except ValueError as error:
        found.append((("subject",), str(error), ""))
        return ()
    if not isinstance(chosen, list):
        return offered
    names = [one.name for one in offered]
    for number, name in enumerate(chosen):
        if name not in names:
            found.append((("factors", number), f"unknown flag {name!r}", ", ".join(names)))
    return tuple(one for one in offered if one.name in chosen)


def _combinations(
    document: Mapping[str, Any], factors: Sequence[Factor], found: Found
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
    document: Mapping[str, Any], factors: Sequence[Factor], found: Found
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


def _combination(
    place: yaml_lines.Place, text: object, factors: Sequence[Factor], found: Found
) -> Combination | None:
    if not factors:
        return None
    try:
        return matrix.parse(str(text), factors)
    except ValueError as error:
        found.append((place, str(error), ""))
        return None
