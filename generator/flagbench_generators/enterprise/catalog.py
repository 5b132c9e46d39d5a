"""Frameworks, domains, compliance sets and controls: data in YAML files of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

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
Part = TypeVar("Part", bound=BaseModel)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Framework(_Part):
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


class Domain(_Part):
    """Entities of a domain: name -> field -> type, and the texts of them that are sensitive."""

    domain: PartName
    entities: Annotated[dict[EntityName, Fields], Field(min_length=1)]
    sensitive: dict[EntityName, tuple[FieldName, ...]] = {}


class Endpoint(_Part):
    """A request that a control adds."""

    method: str
    path: str
    answer: str


class Control(_Part):
    """A control, as `controls.yaml` describes them: requests, and restricted paths with roles."""

    does: str
    like: str
    needs: dict[str, dict[str, str]] = {}
    needs_type: str = ""
    builds_on: tuple[ControlName, ...] = ()
    paths: tuple[Endpoint, ...] = ()
    restricted: dict[str, tuple[Role, ...]] = {}


class Compliance(_Part):
    """A compliance set: for each of its controls the article that demands it."""

    compliance: PartName
    title: Word
    controls: Annotated[dict[ControlName, Article], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Catalog(Generic[Part]):
    """Parts by their names, which are matched without regard to case."""

    parts: Mapping[str, Part]

    def name_of(self, text: str) -> str | None:
        """The name of a part as its file writes it, None without one."""
        by_lower = {name.lower(): name for name in self.parts}
        return by_lower.get(text.lower())

    def part(self, text: str) -> Part:
        """The part of a name in any case. Raises `KeyError`."""
        return self.parts[self.name_of(text) or text]


@dataclass(frozen=True, slots=True)
class Known:
    """Domains and compliance sets that a brief may name. `added` are the sets that come with it."""

    domains: Catalog[Domain]
    sets: Catalog[Compliance]
    added: frozenset[str] = frozenset()


@cache  # the files do not change while a process runs
def frameworks() -> Catalog[Framework]:
    """The frameworks. Raises `ValueError` for a wrong file."""
    return _read("frameworks", Framework, "name")


@cache  # as above
def built_in() -> Known:
    """The domains and compliance sets of this package. Raises `ValueError` for a wrong file."""
    domains = _read("domains", Domain, "domain")
    return Known(domains, _read("compliance", Compliance, "compliance"))


@cache  # as above
def controls() -> Mapping[str, Control]:
    """The controls by name. Raises `ValueError` for a wrong file."""
    return {name: Control.model_validate(raw) for name, raw in read_yaml("controls.yaml").items()}


def read_yaml(name: str) -> Any:
    """Read another YAML file of this package."""
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))


def _read(folder: str, model: type[Part], name: str) -> Catalog[Part]:
    parts: dict[str, Part] = {}
    for path in sorted((_FOLDER / folder).glob("*.yaml")):
        try:
            part = model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise ValueError(f"{path}: {error}") from error
        parts[getattr(part, name)] = part
    return Catalog(parts)
