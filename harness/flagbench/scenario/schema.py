"""Schema of a scenario file."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
)

from flagbench.errors import InputError, Problem, problems_of
from flagbench.scenario import provider_name
from flagbench.scenario.command import CommandPart
from flagbench.scenario.match_rules import MatchRule
from flagbench.scenario.own_checks import OwnChecksPart
from flagbench.scenario.services import ServiceName, ServicePart
from flagbench.scenario.specification import Entity
from flagbench.simulator.settings import SIMULATED, ProviderSettings
from flagbench.yaml_lines import Lines, by_line

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Design = Literal["full", "one-at-a-time", "leave-one-out", "pairwise", "fractional", "named"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FactorPart(_Part):
    """A factor that the scenario declares in place of the subject's."""

    # The name of a variable.
    env: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    levels: Annotated[list[Text], Field(min_length=2)] = ["false", "true"]
    default: Text = "false"
    arguments: dict[Text, list[Text]] | None = None


class ProviderPart(_Part):
    """The provider of the answers; the settings are those of the simulated one."""

    # The name of a folder of cassettes.
    name: Annotated[str, StringConstraints(pattern=provider_name.PATTERN)]
    settings: ProviderSettings = ProviderSettings()


class Threshold(_Part):
    """A bound on a figure of the dashboard, and advice for a figure beyond it."""

    value: float
    better: Literal["lower", "higher"]
    advice: Text


class DashboardPart(_Part):
    """Figures of a series with thresholds by metric, for the summary at the end of a run."""

    of: Text
    bars: Annotated[dict[Text, Threshold], Field(min_length=1)]


class RequestFile(_Part):
    """A request in a file, relative to the folder of the scenario, as those that belong to it."""

    file: Text
    further: Annotated[list[Text], Field(alias="with")] = []


# What a document may be in place of a mapping.
_FORMS = {list: "a list", str: "text", bool: "true or false"}

_IN_WORDS, _FROM_A_FILE = "<words>", "<file>"
Request = Annotated[
    Annotated[Text, Tag(_IN_WORDS)] | Annotated[RequestFile, Tag(_FROM_A_FILE)],
    Discriminator(lambda raw: _FROM_A_FILE if isinstance(raw, Mapping) else _IN_WORDS),
]


# The name of a function, or a command.
_FUNCTION, _COMMAND = "<function>", "<command>"
SubjectKey = Annotated[
    Annotated[Text, Tag(_FUNCTION)] | Annotated[CommandPart, Tag(_COMMAND)],
    Discriminator(lambda raw: _COMMAND if isinstance(raw, Mapping) else _FUNCTION),
]

# Names of the subject's, or the scenario's own.
_NAMES, _DECLARED = "<names>", "<declared>"
Factors = Annotated[
    Annotated[list[Text], Tag(_NAMES)] | Annotated[dict[Text, FactorPart], Tag(_DECLARED)],
    Discriminator(lambda raw: _DECLARED if isinstance(raw, Mapping) else _NAMES),
]

# Specifications of the requests: an entity each, projects that the requests themselves specify, or
# checks of the scenario's own.
_ENTITIES, _PROJECTS, _OWN = "<entities>", "<projects>", "<own>"
Acceptance = Annotated[
    Annotated[list[Entity], Tag(_ENTITIES)]
    | Annotated[Literal["django-project", "enterprise-system", "optimizer-work"], Tag(_PROJECTS)]
    | Annotated[OwnChecksPart, Tag(_OWN)],
    Discriminator(
        lambda raw: (
            _PROJECTS if isinstance(raw, str) else _OWN if isinstance(raw, Mapping) else _ENTITIES
        )
    ),
]


# Marks that pytest acts on: a broken series would not fail, or not be run.
_OF_PYTEST = ("filterwarnings", "parametrize", "skip", "skipif", "usefixtures", "xfail")


def _mark(text: str) -> str:
    if text in _OF_PYTEST:
        raise ValueError(f"{text!r} is pytest's; expected: a mark of your own")
    return text


Mark = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$"), AfterValidator(_mark)]


class ScenarioFile(_Part):
    """The keys of a scenario file, documented in CONTRIBUTING."""

    title: Text
    about: Text
    subject: SubjectKey
    requests: Annotated[list[Request], Field(min_length=1)]
    model: Text = "gpt-4o-mini"
    tokenizer: Text | None = None
    prices: Text | None = None
    provider: ProviderPart = ProviderPart(name=SIMULATED)
    services: dict[ServiceName, ServicePart] = {}
    match: list[MatchRule] = []
    trials: Annotated[int, Field(ge=1, le=100)] = 3
    factors: Factors | None = None
    design: Design = "full"
    combinations: list[Text] = []
    targets: dict[Text, dict[Text, Text]] = {}
    acceptance: Acceptance = []
    dashboard: DashboardPart | None = None
    marks: list[Mark] = []


def validate(document: object, lines: Lines) -> ScenarioFile:
    """Validate the content of a scenario file. Raises `InputError` with all problems."""
    if not isinstance(document, dict):
        keys = [name for name, field in ScenarioFile.model_fields.items() if field.is_required()]
        what = f"the file contains {_FORMS.get(type(document), 'a number')}"
        expected = f"a mapping with the keys {', '.join(keys)}"
        raise InputError(Problem(what, where=lines.where(()), expected=expected))
    try:
        return ScenarioFile.model_validate(document, strict=True)
    except ValidationError as error:
        raise InputError(by_line(problems_of(error, lines.where, document=ScenarioFile))) from error
