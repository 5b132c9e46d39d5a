"""Broken copies of an application, which tests have to tell from the application itself."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.scenario.brief import Brief
from flagbench.scenario.definitions import Control

_FILE = Path(__file__).with_name("copies.yaml")
# The run that sends requests at the same time.
LOAD = "load"
_KEPT = "\n\nkept = dict(globals())\n\n\n{}"
_KEPT_OF_NODE = "\n{{\nconst kept = {{ ...module.exports }};\n{}}}\n"


class BrokenCopy(BaseModel):
    """A copy with a text appended to a file; `copies.yaml` says what its keys mean.

    Where no function has the name of one that is appended, the copy is the application itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    of: tuple[Literal["unit", "integration", "performance"], ...]
    fails: Literal["mutants", "access", "controls", "load"]
    shown_by: tuple[str, ...]
    path: str
    controls: frozenset[Control] = frozenset()
    needs: frozenset[Control] = frozenset()
    python: str = Field("", alias="Python")
    javascript: str = Field(alias="JavaScript")
    fastapi: str = Field("", alias="FastAPI")
    flask: str = Field("", alias="Flask")
    django: str = Field("", alias="Django")

    def edits(self, case: ComponentCase) -> dict[str, str]:
        """Path -> the text of the file that is another one than in the application."""
        if not case.brief.is_python:
            path, added = f"{self.path}.js", _KEPT_OF_NODE.format(self.javascript)
        else:
            text = getattr(self, case.brief.tech_stack.framework.lower()) or self.python
            path, added = f"{self.path}.py", _KEPT.format(text)
        return {path: case.files.get(path, "") + added}


@cache  # the file is the harness's own
def _all_copies() -> tuple[BrokenCopy, ...]:
    document = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return TypeAdapter(tuple[BrokenCopy, ...]).validate_python(document)


def copies_of(kind: str, brief: Brief) -> list[BrokenCopy]:
    """The copies that the tests of a kind have to notice, as the brief demands it."""
    return [
        copy
        for copy in _all_copies()
        if kind in copy.of
        and (not copy.controls or not copy.controls.isdisjoint(brief.controls))
        and copy.needs.issubset(brief.controls)
    ]
