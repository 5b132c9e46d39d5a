"""The brief of an enterprise backend, as a prompt has it in YAML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from flagbench.simulator.names import plural, snake

CONTROLS: Mapping[str, Mapping[str, str]] = {
    "GDPR": {"export": "GDPR Article 15, access", "erasure": "GDPR Article 17, erasure"},
    "HIPAA": {
        "encryption": "HIPAA § 164.312(a)(2)(iv), encryption",
        "audit_reads": "HIPAA § 164.312(b), audit",
    },
    "SOX": {
        "audit_changes": "SOX Section 404, audit",
        "append_only": "SOX Section 802, retention",
        "four_eyes": "SOX Section 404, four eyes",
    },
}
"""The controls of the sets that a model knows, each with its title in a document."""
_STATED: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "four_eyes": r"four.eyes|/approve",
        "export": r"\bexport",
        "erasure": r"\beras|DELETE \S*/privacy",
        "append_only": r"append.only|refuses UPDATE",
        "audit_reads": r"every read|audit.reads",
        "audit_changes": r"every change|audit.changes",
        "encryption": r"\bencrypt",
    }.items()
}
"""The words by which a prompt states a control."""
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
    # Not in the text of a brief, on which the luck of its files depends: names stand for it there.
    stated: tuple[str, ...] = field(default=(), repr=False)

    @property
    def controls(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a control and its title: those of known sets, then what the prompt states."""
        known = [titles for name, titles in CONTROLS.items() if name in self.compliance]
        others = tuple(f"{name} " for name in self.compliance if name not in CONTROLS)
        own = [text for text in self.stated if text.startswith(others)]
        stated = [(name, text.partition(": ")[0]) for text in own if (name := _control(text))]
        return (*(pair for titles in known for pair in titles.items()), *stated)

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
        stated=tuple(map(str, document.get("controls") or ())),
        tables=tables,
        person=str(document.get("person") or next(iter(emails), "")),
        sensitive=tuple((str(table), tuple(map(str, names))) for table, names in sensitive.items()),
    )


def _control(statement: str) -> str:
    """The control of a statement, by what it says behind its title first; "" for no known one."""
    title, _, does = statement.partition(": ")
    found = (
        name for text in (does, title) for name, words in _STATED.items() if words.search(text)
    )
    return next(found, "")


def _tables(entities: Mapping[str, Any]) -> _Tables:
    return tuple(
        (
            str(entity.get("table") or plural(snake(name))),
            snake(name),
            tuple((str(column), str(kind)) for column, kind in entity["fields"].items()),
        )
        for name, entity in entities.items()
    )
