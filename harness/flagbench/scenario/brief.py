"""The brief of an enterprise system; read without the generator's code."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)

from flagbench import yaml_lines
from flagbench.scenario import definitions, tables
from flagbench.scenario.definitions import (
    AUDITS,
    ComplianceSet,
    Control,
    Domain,
    EntityName,
    Fields,
    Text,
)
from flagbench.scenario.tables import Entity

# The fewest instances that a scale runs.
REPLICAS: Mapping[str, int] = {"startup": 1, "enterprise": 3, "hyperscale": 10}
FRAMEWORKS: Mapping[str, str] = {
    "FastAPI": "Python", "Flask": "Python", "Django": "Python", "Express": "JavaScript",
}  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(*names: str) -> BeforeValidator:
    """Names as they are written here, whatever their case in the brief."""
    by_lower = {name.lower(): name for name in names}
    return BeforeValidator(
        lambda given: by_lower.get(given.lower(), given) if isinstance(given, str) else given
    )


class Stack(_Part):
    """The language and the framework."""

    language: Annotated[Literal["Python", "JavaScript"], _known("Python", "JavaScript")]
    framework: Annotated[Literal["FastAPI", "Flask", "Django", "Express"], _known(*FRAMEWORKS)]


class Design(_Part):
    """The size of the system, and where it runs."""

    scale: Literal["startup", "enterprise", "hyperscale"]
    deployment: Literal["compose", "kubernetes"]


class Component(_Part):
    """An entity beside those of the domain."""

    name: EntityName
    fields: Fields


class Requirements(_Part):
    """The domain, the compliance sets, and further entities."""

    domain: Text
    compliance: tuple[Text, ...] = ()
    components: tuple[Component, ...] = ()


class BriefFile(_Part):
    """The three parts of a brief, as its file has them."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    tech_stack: Stack
    system_design: Design
    requirements_analysis: Requirements


class Brief(BriefFile):
    """A brief with the domain and the sets that it names.

    Raises `ValidationError` with what does not fit together.
    """

    domain: Domain
    sets: tuple[ComplianceSet, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "Brief":
        stack = self.tech_stack
        if FRAMEWORKS[stack.framework] != stack.language:
            raise ValueError(f"{stack.framework} is written in {FRAMEWORKS[stack.framework]}")
        for _, what, _ in tables.problems(self._named):
            raise ValueError(what)
        payment = dict(self._named).get("Payment", {})
        for part in self.sets:
            needed = ""
            if self.person is None and not {"export", "erasure"}.isdisjoint(part.controls):
                needed = "an entity with an e-mail address"
            if "four_eyes" in part.controls and payment.get("status") != "text":
                needed = "an entity Payment with status: text"
            if "encryption" in part.controls and not any(self.domain.sensitive.values()):
                needed = "fields that are `sensitive` in the domain"
            if needed:
                has = f"{self.domain.domain} has none"
                raise ValueError(f"{part.compliance} needs {needed}, {has}")
        return self

    @property
    def compliance(self) -> tuple[str, ...]:
        """The names of the compliance sets."""
        return tuple(part.compliance for part in self.sets)

    @cached_property
    def controls(self) -> frozenset[Control]:
        """The controls of all compliance sets."""
        return frozenset(control for part in self.sets for control in part.controls)

    @property
    def has_audit(self) -> bool:
        """True if a compliance set demands a log of who did what."""
        return not self.controls.isdisjoint(AUDITS)

    @property
    def is_python(self) -> bool:
        """True if the application is written in Python."""
        return self.tech_stack.language == "Python"

    @property
    def replicas(self) -> int:
        """The fewest instances."""
        return REPLICAS[self.system_design.scale]

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """All entities, each after those that it refers to."""
        hidden = self.domain.sensitive if "encryption" in self.controls else {}
        made = [tables.entity(name, fields, hidden.get(name, ())) for name, fields in self._named]
        return tuple(tables.in_order(made))

    @property
    def _named(self) -> list[tuple[str, Mapping[str, str]]]:
        """Name and fields of the entities, first those of the domain."""
        further = self.requirements_analysis.components
        own = [(each.name, each.fields) for each in further]
        return [*self.domain.entities.items(), *own]

    @property
    def person(self) -> Entity | None:
        """The entity with an e-mail address; None for none."""
        for entity in self.entities:
            if any(column.kind == "email" for column in entity.columns):
                return entity
        return None

    def entity_of(self, table: str) -> Entity:
        """The entity of a table. Raises `StopIteration` for an unknown one."""
        return next(entity for entity in self.entities if entity.table == table)


def read(text: str) -> Brief:
    """Parse a brief in YAML, and the definitions that follow it as further documents.

    Raises `ValueError` for an invalid one: `WrongLines` where the line is known.
    """
    (document, _), *further = yaml_lines.documents(text) or [(None, {})]
    known = definitions.read(further)
    file = BriefFile.model_validate(document)
    wanted = file.requirements_analysis
    domain = known.domain(wanted.domain)
    sets = tuple(map(known.compliance_set, wanted.compliance))
    names = {"domain": domain.domain, "compliance": tuple(each.compliance for each in sets)}
    parts = {**dict(file), "requirements_analysis": wanted.model_copy(update=names)}
    return Brief(**parts, domain=domain, sets=sets)
