"""Loading of scenarios: a YAML file to a frozen value, or an error with all its problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from flagbench import subject, subject_loading, tokenizer_choice, yaml_lines
from flagbench.errors import InputError, Place, Problem
from flagbench.printable import printable_line
from flagbench.scenario import acceptance, designs, request_file, services
from flagbench.scenario.acceptance import Acceptance
from flagbench.scenario.brief import Brief
from flagbench.scenario.command import Command
from flagbench.scenario.designs import Combination
from flagbench.scenario.factors import command_of, factors_of
from flagbench.scenario.match_rules import MatchRule
from flagbench.scenario.own_checks import OwnChecks
from flagbench.scenario.request_file import Documents
from flagbench.scenario.schema import ScenarioFile, validate
from flagbench.scenario.services import ServicePart
from flagbench.scenario.specification import Entity
from flagbench.scenario.targets import Dashboard, Target, dashboard_of, targets_of
from flagbench.scenario.work import Work
from flagbench.simulator.settings import SIMULATED, ProviderSettings
from flagbench.subject import Factor, Subject
from flagbench.yaml_lines import Problems

# Files in the folder of scenarios that are not scenarios: the ledger of claims.
NOT_SCENARIOS = ("claims.yaml",)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A benchmark to run. `combinations` are the design's and the named ones, in a fixed order.

    `acceptance` has the specification of each request, empty if nothing is proven. `overrides` are
    the command-line arguments that override the file in this run. `tokenizer` is the name of the
    project's choice, "" for that of each model; `prices` is its price table, None for flagbench's.
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
    acceptance: Acceptance = ()
    dashboard: Dashboard | None = None
    overrides: tuple[str, ...] = ()
    tokenizer: str = ""
    prices: Path | None = None
    match: tuple[MatchRule, ...] = ()
    services: Mapping[str, ServicePart] = field(default_factory=dict)
    command: Command | None = None

    @property
    def tested(self) -> Subject | Command:
        """The code under test: a command, or the function of that name. Raises `InputError`."""
        return self.command or self._function

    @property
    def scaffold(self) -> Mapping[str, str]:
        """Hand-written files around the generated ones; a command has those it is given."""
        if self.command is not None:
            return self.command.given
        return subject.scaffold_of(self._function, self.requests)

    @property
    def _function(self) -> Subject:
        try:
            return subject_loading.load(self.subject)
        except InputError as error:
            placed = [replace(problem, where=f"{self.path}: subject") for problem in error.problems]
            raise InputError(placed) from error

    @property
    def control(self) -> Combination:
        """The combination with every flag off, which the others are compared with."""
        return designs.combine(self.factors, {})

    @property
    def pictured_trial(self) -> int:
        """The trial of the timeline: the first, or the last of a sweep over trials."""
        return self.trials if self.swept_settings else 1

    @property
    def swept_settings(self) -> dict[str, list[float]]:
        """Settings of the provider that differ by trial; a real provider has none."""
        return self.settings.values_by_trial(self.trials) if self.provider == SIMULATED else {}

    @property
    def solution_pattern(self) -> str:
        """The pattern of the files of its reference solution."""
        texts = self.acceptance and isinstance(self.acceptance[0], Brief | Work | OwnChecks)
        return "*" if texts else "*.py"

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entity of each request; none if the requests specify projects."""
        return tuple(entity for entity in self.acceptance if isinstance(entity, Entity))

    def environment(self, combination: Combination) -> dict[str, str]:
        """Map the environment names of the flags to their levels."""
        levels = dict(combination.levels)
        return {factor.env: levels[factor.name] for factor in self.factors}


def load(path: Path) -> Scenario:
    """Load a scenario.

    Raises `InputError` with all problems of the schema, each with file and line; for a file that
    matches the schema, with all problems of its content.
    """
    _check_name(path)
    document, lines = yaml_lines.read(path)
    file = validate(document, lines)
    problems = Problems(lines)
    sources = _requests(path.parent, file, problems)
    requests = tuple(source.text for source in sources)
    specified = acceptance.read(path.parent, file, sources, problems)
    _check_sweep(file, problems)
    services.check(file.services, problems)
    factors = factors_of(file, problems)
    run = command_of(path.parent, file, factors, problems)
    named = _named(file, factors, problems)
    declared = [named[text] for text in file.combinations if text in named]
    combinations = designs.unique([*_designed(file, factors, problems), *declared])
    targets = targets_of(file.targets, named, combinations, problems)
    dashboard = dashboard_of(file.dashboard, named, combinations, problems)
    tokenizer = _tokenizer(path.parent, file, problems)
    if problems:
        raise problems.error()
    return Scenario(
        path=path,
        name=path.stem,
        title=file.title,
        about=file.about,
        subject=file.subject if isinstance(file.subject, str) else str(run),
        requests=requests,
        model=file.model,
        provider=file.provider.name,
        settings=file.provider.settings,
        trials=file.trials,
        factors=factors,
        combinations=combinations,
        targets=targets,
        marks=tuple(file.marks),
        acceptance=specified,
        dashboard=dashboard,
        tokenizer=tokenizer,
        prices=None if file.prices is None else path.parent / file.prices,
        match=tuple(file.match),
        services=file.services,
        command=run,
    )


def _check_name(path: Path) -> None:
    """Raise `InputError` for a name that cannot be shown, or that pytest would take apart.

    It is the name of a baseline and of a folder of cassettes, and part of every id.
    """
    shown = printable_line(str(path))
    if shown != str(path) or "::" in path.name:
        what = "the path has characters that cannot be shown, or ::"
        expected = "a path of printable characters in UTF-8"
        raise InputError(Problem(what, where=shown, expected=expected))


def _tokenizer(folder: Path, file: ScenarioFile, problems: Problems) -> str:
    """The name of the tokenizer, "" for none; a problem if it cannot be loaded."""
    if file.tokenizer is None:
        return ""
    name = tokenizer_choice.with_folder(file.tokenizer, folder)
    try:
        tokenizer_choice.counter(name)
    except InputError as error:
        for problem in error.problems:
            problems.add(("tokenizer",), problem.what, problem.expected or problem.fix)
    return name


def _requests(folder: Path, file: ScenarioFile, problems: Problems) -> tuple[Documents, ...]:
    """Read the requests; the text of a file that cannot be read is ""."""
    requests = []
    for number, request in enumerate(file.requests):
        if isinstance(request, str):
            requests.append(Documents([("", request)]))
            continue
        at: Place = ("requests", number)
        named: list[tuple[Place, str]] = [((*at, "file"), request.file)]
        named += [((*at, "with", place), name) for place, name in enumerate(request.further)]
        requests.append(
            Documents([(name, _text(folder, name, place, problems)) for place, name in named])
        )
    return tuple(requests)


def _text(folder: Path, name: str, place: Place, problems: Problems) -> str:
    try:
        text = request_file.read(folder, name)
    except (OSError, ValueError) as error:
        expected = "a text file of this project, relative to the scenario's folder"
        problems.add(place, f"{name}: cannot be read: {error}", expected)
        return ""
    if not text.strip():
        problems.add(place, f"{name} is empty", "a request")
    return text


def _check_sweep(file: ScenarioFile, problems: Problems) -> None:
    """Check that no setting has more values than the scenario has trials."""
    for name, values in file.provider.settings.by_trial.items():
        if len(values) > file.trials:
            place = ("provider", "settings", "by_trial", name)
            what = f"{name} has {len(values)} values for {file.trials} trials"
            problems.add(place, what, f"trials: {len(values)}")


def _designed(
    file: ScenarioFile, factors: Sequence[Factor], problems: Problems
) -> list[Combination]:
    try:
        return designs.DESIGNS[file.design](factors)
    except ValueError as error:
        problems.add(("design",), str(error), "design: pairwise, or fewer flags")
        return []


def _named(
    file: ScenarioFile, factors: Sequence[Factor], problems: Problems
) -> dict[str, Combination]:
    """Parse the combinations that the file names, by their text."""
    if file.design == "named" and not file.combinations:
        what = "design 'named' without combinations"
        problems.add(("design",), what, "combinations: [none, all]")
    texts: list[tuple[Place, str]] = [
        *((("combinations", number), text) for number, text in enumerate(file.combinations)),
        *((("targets", text), text) for text in file.targets),
    ]
    if file.dashboard is not None:
        texts.append((("dashboard", "of"), file.dashboard.of))
    named = {}
    for place, text in texts:
        try:
            named[text] = designs.parse(text, factors)
        except ValueError as error:
            problems.add(place, str(error))
    return named
