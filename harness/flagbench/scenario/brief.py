"""The brief of an enterprise system; read without the generator's code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

# The fewest instances that a scale runs.
REPLICAS: Mapping[str, int] = {"startup": 1, "enterprise": 3, "hyperscale": 10}
FRAMEWORKS: Mapping[str, str] = {
    "FastAPI": "Python", "Flask": "Python", "Django": "Python", "Express": "JavaScript",
}  # fmt: skip
_VALUES = ("text", "integer", "number", "boolean", "email")


@cache
def _domains() -> Mapping[str, Any]:
    text = Path(__file__).with_name("domains.yaml").read_text(encoding="utf-8")
    domains: Mapping[str, Any] = yaml.safe_load(text)
    return domains


_Text = Annotated[str, StringConstraints(min_length=1)]
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
_FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """A field of an entity as it is stored: `kind` is a type of value, or the table of a reference.

    A `sensitive` one is encrypted.
    """

    name: str
    kind: str
    sensitive: bool = False

    @property
    def is_reference(self) -> bool:
        """True for a foreign key."""
        return self.kind not in _VALUES


class Entity(_Part):
    """An entity and its columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """The name of its table, and of its collection in the API."""
        return table_of(self.name)


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

    name: _Name
    fields: Annotated[dict[_FieldName, _Text], Field(min_length=1)]


_Set = Annotated[Literal["GDPR", "HIPAA", "SOX"], _known("GDPR", "HIPAA", "SOX")]


class Requirements(_Part):
    """The domain, the compliance sets, and further entities."""

    domain: Annotated[str, _known(*_domains())]
    compliance: tuple[_Set, ...] = ()
    components: tuple[Component, ...] = ()


class Brief(_Part):
    """The three parts of a brief. Raises `ValidationError` with what does not fit together."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    tech_stack: Stack
    system_design: Design
    requirements_analysis: Requirements

    @model_validator(mode="after")
    def _check(self) -> "Brief":
        stack = self.tech_stack
        if FRAMEWORKS[stack.framework] != stack.language:
            raise ValueError(f"{stack.framework} is written in {FRAMEWORKS[stack.framework]}")
        domain = self.requirements_analysis.domain
        if domain not in _domains():
            raise ValueError(f"the domain {domain} is not one of {', '.join(_domains())}")
        tables = [entity.table for entity in self.entities]
        if len(set(tables)) < len(tables):
            raise ValueError("two entities have the same table")
        for entity in self.entities:
            for column in entity.columns:
                if column.is_reference and column.kind not in tables:
                    raise ValueError(f"{entity.name}.{column.name} has an unknown type")
        if "GDPR" in self.compliance and self.person is None:
            raise ValueError(f"GDPR needs an entity with an e-mail address, {domain} has none")
        if "SOX" in self.compliance and "payments" not in tables:
            raise ValueError(f"SOX needs an entity Payment, {domain} has none")
        return self

    @property
    def compliance(self) -> tuple[str, ...]:
        """The names of the compliance sets."""
        return self.requirements_analysis.compliance

    @property
    def has_audit(self) -> bool:
        """True if a compliance set demands a log of who did what."""
        return not {"HIPAA", "SOX"}.isdisjoint(self.compliance)

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
        domain = _domains()[self.requirements_analysis.domain]
        named: dict[str, Mapping[str, str]] = dict(domain["entities"])
        sensitive = domain.get("sensitive", {}) if "HIPAA" in self.compliance else {}
        made = [_entity(name, fields, sensitive.get(name, ())) for name, fields in named.items()]
        further = self.requirements_analysis.components
        made += [_entity(each.name, each.fields, ()) for each in further]
        return tuple(_in_order(made))

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
    """Parse the brief of a request in YAML. Raises `ValueError` for an invalid one."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
    return Brief.model_validate(document)


def table_of(name: str) -> str:
    """The table of an entity: its name in the plural, in snake case."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    if re.search(r"[^aeiou]y\Z", words):
        return f"{words[:-1]}ies"
    return words + ("es" if re.search(r"(s|x|z|ch|sh)\Z", words) else "s")


def _entity(name: str, fields: Mapping[str, str], sensitive: Any) -> Entity:
    columns = [
        Column(name=field, kind=kind, sensitive=field in sensitive)
        if kind in _VALUES
        else Column(name=f"{field}_id", kind=table_of(kind))
        for field, kind in fields.items()
    ]
    return Entity(name=name, columns=tuple(columns))


def _in_order(entities: Sequence[Entity]) -> Iterator[Entity]:
    """The entities, each after those that its rows refer to; an unknown table is left to others.

    Raises `ValueError` for entities that refer to each other.
    """
    waiting, tables = list(entities), {entity.table for entity in entities}
    while waiting:
        left = {entity.table for entity in waiting}
        for entity in waiting:
            kinds = {column.kind for column in entity.columns}
            if not kinds & tables & left:
                break
        else:
            names = ", ".join(entity.name for entity in waiting)
            raise ValueError(f"{names}: none can be first")
        yield entity
        waiting.remove(entity)
