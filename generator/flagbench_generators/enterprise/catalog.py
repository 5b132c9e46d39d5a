"""Frameworks, domains and compliance sets, each a YAML file in a folder of this package."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

_FOLDER = Path(__file__).parent

Role = Literal["admin", "clerk", "auditor"]
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
    """Entities of a domain: name -> field -> type, and the fields that are sensitive."""

    entities: dict[str, dict[str, str]]
    sensitive: dict[str, tuple[str, ...]] = {}


class Endpoint(_Part):
    """A request that a compliance set adds; `needs` is the table without which it is left out."""

    method: str
    path: str
    answer: str
    needs: str = ""


class Compliance(_Part):
    """A compliance set: its controls by name, requests, and restricted paths with their roles.

    `needs` are entities with fields and their types, and `needs_type` is the type of a field of any
    entity, without which its controls cannot be.
    """

    title: str
    needs: dict[str, dict[str, str]] = {}
    needs_type: str = ""
    controls: dict[str, str]
    paths: tuple[Endpoint, ...] = ()
    restricted: dict[str, tuple[Role, ...]] = {}


class Catalog(Generic[Part]):
    """The parts of a folder by their names, which are matched without regard to case."""

    def __init__(self, folder: str, model: type[Part], name: str = "") -> None:
        self.folder = folder
        self._parts: dict[str, Part] = {}
        for path in sorted((_FOLDER / folder).glob("*.yaml")):
            try:
                part = model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
            except (yaml.YAMLError, ValidationError) as error:
                raise ValueError(f"{path}: {error}") from error
            self._parts[getattr(part, name) if name else path.stem] = part

    @property
    def parts(self) -> Mapping[str, Part]:
        """All parts by name."""
        return self._parts

    def name_of(self, text: str) -> str | None:
        """The name of a part as its file writes it, None without one."""
        by_lower = {name.lower(): name for name in self._parts}
        return by_lower.get(text.lower())


@cache  # the files do not change while a process runs
def frameworks() -> Catalog[Framework]:
    """The frameworks. Raises `ValueError` for a wrong file."""
    return Catalog("frameworks", Framework, "name")


@cache  # as above
def domains() -> Catalog[Domain]:
    """The domains. Raises `ValueError` for a wrong file."""
    return Catalog("domains", Domain)


@cache  # as above
def compliance_sets() -> Catalog[Compliance]:
    """The compliance sets. Raises `ValueError` for a wrong file."""
    return Catalog("compliance", Compliance)


def read_yaml(name: str) -> Any:
    """Read another YAML file of this package."""
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
