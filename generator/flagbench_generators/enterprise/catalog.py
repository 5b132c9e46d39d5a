"""Frameworks, domains, compliance sets and controls: data in YAML files of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from flagbench_generators.enterprise.brief import EntityName, FieldName, Word

_FOLDER = Path(__file__).parent

Role = Literal["admin", "clerk", "auditor"]
ControlName = Literal[
    "export", "erasure", "encryption", "audit_reads", "audit_changes", "append_only", "four_eyes"
]
PartName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$", max_length=40)]
# It stands in a cell of a table.
Article = Annotated[str, StringConstraints(pattern=r"^[^|\n]+$", max_length=200)]
Fields = Annotated[dict[FieldName, Word], Field(min_length=1)]
Part = TypeVar("Part")


class Record(BaseModel):
    """A part of a data file, with the keys that are described and no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Framework(Record):
    """A web framework.

    `family` names the folder of the templates that it shares with others; `start` is the command of
    the start script; `requirements` are the lines of requirements.txt, or package -> version;
    `standards` is what the framework adds to the standard of a component.
    """

    name: str
    language: str
    suffix: str
    family: Literal["python", "node"]
    start: str
    requirements: tuple[str, ...] | dict[str, str]
    test_requirements: tuple[str, ...] = ()
    standards: dict[str, str] = {}


class Domain(Record):
    """Entities of a domain: name -> field -> type, and the texts of them that are sensitive."""

    domain: PartName
    entities: Annotated[dict[EntityName, Fields], Field(min_length=1)]
    sensitive: dict[EntityName, tuple[FieldName, ...]] = {}


class Endpoint(Record):
    """A request that a control adds."""

    method: str
    path: str
    answer: str


class Control(Record):
    """A control, as `controls.yaml` describes them: requests, and restricted paths with roles."""

    does: str
    like: str
    needs: dict[str, dict[str, str]] = {}
    needs_type: str = ""
    needs_sensitive: bool = False
    builds_on: tuple[ControlName, ...] = ()
    paths: tuple[Endpoint, ...] = ()
    restricted: dict[str, tuple[Role, ...]] = {}


class Compliance(Record):
    """A compliance set: for each of its controls the article that demands it."""

    compliance: PartName
    title: Word
    controls: Annotated[dict[ControlName, Article], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Known:
    """Domains and compliance sets by name, which a brief may name in any case.

    `added` are the sets that come with it.
    """

    domains: Mapping[str, Domain]
    sets: Mapping[str, Compliance]
    added: frozenset[str] = frozenset()


def find(name: str, parts: Mapping[str, Part]) -> Part:
    """The part of a name in any case. Raises `KeyError`."""
    return {known.lower(): part for known, part in parts.items()}[name.lower()]


@cache  # the files do not change while a process runs
def frameworks() -> Mapping[str, Framework]:
    """The frameworks by name. Raises `ValueError` for a wrong file."""
    return {part.name: part for part in _read_all("frameworks", Framework)}


@cache  # as above
def built_in() -> Known:
    """The domains and compliance sets of this package. Raises `ValueError` for a wrong file."""
    return Known(
        {part.domain: part for part in _read_all("domains", Domain)},
        {part.compliance: part for part in _read_all("compliance", Compliance)},
    )


@cache  # as above
def controls() -> Mapping[str, Control]:
    """The controls by name. Raises `ValueError` for a wrong file."""
    return read_as(dict[str, Control], _FOLDER / "controls.yaml")


def read_as(model: type[Part], path: Path) -> Part:
    """Read a YAML file of this package. Raises `ValueError`."""
    try:
        return TypeAdapter(model).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error


def _read_all(folder: str, model: type[Part]) -> list[Part]:
    return [read_as(model, path) for path in sorted((_FOLDER / folder).glob("*.yaml"))]
