"""The brief of an enterprise backend, as a prompt has it in YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from flagbench.simulator.names import plural, snake

_Tables = tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief; what a prompt leaves out is empty.

    `tables` has for each entity its table, its name in the singular, and pairs of a column and its
    type, which is the table that it refers to where it is a foreign key.
    """

    name: str
    language: str
    framework: str
    scale: str
    deployment: str
    compliance: tuple[str, ...] = ()
    tables: _Tables = ()
    person: str = ""
    sensitive: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def family(self) -> str:
        """The language, as folders are named."""
        return self.language.lower()


def brief_in(text: str) -> Brief | None:
    """The brief of a text in YAML; None where the text is something else."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(document, Mapping) or not isinstance(document.get("tech_stack"), Mapping):
        return None
    stack, design = document["tech_stack"], document.get("system_design") or {}
    tables = _tables(document.get("entities") or {})
    emails = [table for table, _, columns in tables if "email" in dict(columns).values()]
    sensitive = document.get("sensitive") or {}
    return Brief(
        name=str(document.get("name", "service")),
        language=str(stack.get("language", "Python")),
        framework=str(stack.get("framework", "FastAPI")),
        scale=str(design.get("scale", "enterprise")),
        deployment=str(design.get("deployment", "compose")),
        compliance=tuple(map(str, document.get("compliance") or ())),
        tables=tables,
        person=str(document.get("person") or next(iter(emails), "")),
        sensitive=tuple((str(table), tuple(map(str, names))) for table, names in sensitive.items()),
    )


def _tables(entities: Mapping[str, Any]) -> _Tables:
    return tuple(
        (
            str(entity.get("table") or plural(snake(name))),
            snake(name),
            tuple((str(column), str(kind)) for column, kind in entity["fields"].items()),
        )
        for name, entity in entities.items()
    )
