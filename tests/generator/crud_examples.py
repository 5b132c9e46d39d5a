"""Stand-ins for the specification, and applications made of rendered templates.

The templates see an entity through attribute names alone; these classes have just those names.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jinja2
from patience import PATIENCE_SECONDS

GENERATOR = Path(__file__).resolve().parents[2] / "generator/flagbench_generators/crud"
KINDS = {
    "database": "app/schemas/{module}.py",
    "backend": "app/routes/{module}.py",
    "frontend": "app/pages/{module}.py",
    "tests": "tests/test_{module}.py",
}
TYPES = {
    "string": ("str", "TEXT"),
    "text": ("str", "TEXT"),
    "integer": ("int", "INTEGER"),
    "number": ("float", "REAL"),
    "boolean": ("bool", "INTEGER"),
    "date": ("datetime.date", "TEXT"),
    "datetime": ("datetime.datetime", "TEXT"),
    "email": ("str", "TEXT"),
}


def in_words(name: str) -> str:
    """Write a snake_case name as words, the first one with a capital."""
    return name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Attribute:
    """One attribute as the templates see it."""

    name: str
    type: str = "string"
    required: bool = True

    @property
    def python_type(self) -> str:
        """The annotation, without None."""
        return TYPES[self.type][0]

    @property
    def sql_type(self) -> str:
        """The SQLite column type."""
        return TYPES[self.type][1]

    @property
    def words(self) -> str:
        """The name in words."""
        return in_words(self.name)


@dataclass(frozen=True)
class ManyToOne:
    """One relation as the templates see it."""

    name: str
    target: str
    target_table: str
    required: bool = False

    @property
    def field(self) -> str:
        """The JSON field and the column."""
        return f"{self.name}_id"

    @property
    def words(self) -> str:
        """The name in words."""
        return in_words(self.name)


@dataclass(frozen=True)
class Entity:
    """One entity as the templates see it; the plural is the regular one."""

    name: str
    attributes: tuple[Attribute, ...]
    relations: tuple[ManyToOne, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The name in snake_case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()

    @property
    def table(self) -> str:
        """The plural."""
        return f"{self.module}s"

    @property
    def path(self) -> str:
        """The collection in the API."""
        return f"/{self.table}"

    @property
    def title_words(self) -> str:
        """The name in words."""
        return in_words(self.module)


STUDENT = Entity("Student", (Attribute("name"), Attribute("email", "email", required=False)))
TEACHER = Entity("Teacher", (Attribute("name"),))
COURSE = Entity(
    "Course",
    (Attribute("name"), Attribute("level", "integer")),
    (ManyToOne("teacher", "Teacher", "teachers"),),
)
ORDER_LINE = Entity(
    "OrderLine",
    tuple(Attribute(f"{name}_needed", name) for name in TYPES)
    + tuple(Attribute(f"{name}_wanted", name, required=False) for name in TYPES),
    (
        ManyToOne("student", "Student", "students", required=True),
        ManyToOne("group", "Group", "groups"),
    ),
)
# SQL keywords as the names of a table and of its columns.
GROUP = Entity("Group", (Attribute("order", required=False), Attribute("date", "date")))
WIDE = Entity(
    "Measurement",
    tuple(
        Attribute(f"value_{number}", list(TYPES)[number % len(TYPES)], required=number % 3 > 0)
        for number in range(40)
    ),
)
APPLICATION = (STUDENT, TEACHER, COURSE, ORDER_LINE, GROUP, WIDE)


@functools.cache
def templates() -> jinja2.Environment:
    """The template environment, with the settings that the generator uses."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(GENERATOR / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the templates make Python, not HTML
    )


def render(kind: str, entity: Entity) -> str:
    """Render the template of one artifact kind."""
    return templates().get_template(f"{kind}.py.j2").render(entity=entity)


def write_application(directory: Path, *entities: Entity) -> Path:
    """Copy the scaffold to the directory and add all artifacts of the entities."""
    shutil.copytree(GENERATOR / "scaffold", directory, dirs_exist_ok=True)
    for entity in entities:
        for kind, path in KINDS.items():
            (directory / path.format(module=entity.module)).write_text(
                render(kind, entity), encoding="utf-8"
            )
    return directory


def run_in(directory: Path, code: str) -> str:
    """Run code in a fresh interpreter with the application on its path; give its output."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def pytest_in(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a generated application in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
