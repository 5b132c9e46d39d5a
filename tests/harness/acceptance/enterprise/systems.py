"""The reference solutions, and judges of their files without a sandbox."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flagbench.acceptance import reference_solutions
from flagbench.acceptance.enterprise import judge as judges
from flagbench.acceptance.enterprise.case import ComponentCase, Systems
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.probe_client import MissingTool
from flagbench.acceptance.probe import tools
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.reference_solutions import Solution
from flagbench.acceptance.selection import Selection
from flagbench.errors import Problem
from flagbench.scenario.brief import Brief, read

SCENARIOS = Path(__file__).resolve().parents[4] / "scenarios"
NAMES = ("shop", "clinic", "bank")
# Programs have tests of their own; what is tried here is what flagbench itself says.
OWN = Selection(frozenset({"schema", "markdown", "links", "promql", "agreement"}))


@cache
def brief(name: str, framework: str = "") -> Brief:
    """A brief, with another framework if one is given."""
    text = (SCENARIOS / "briefs" / f"{name}.yaml").read_text(encoding="utf-8")
    if framework == "Express":
        text = text.replace("Python", "JavaScript").replace("FastAPI", framework)
    return read(text)


@cache
def solution(name: str) -> Solution:
    """A reference solution with its wrong variants."""
    return reference_solutions.load(SCENARIOS / "solutions" / f"enterprise-{name}", "*")


def case(kind: str, edits: Mapping[str, str] | None = None, *, name: str = "shop") -> ComponentCase:
    """The case of a component of a solution, with other texts of some files."""
    files = {**solution(name).files, **(edits or {})}
    return Systems({}).case(brief(name), COMPONENTS[kind], files)


def edited(kind: str, *edits: str, name: str = "shop") -> ComponentCase:
    """The case of a component with edits of its file, each an old text and a new one."""
    path = COMPONENTS[kind].path
    text = solution(name).files[path]
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    return case(kind, {path: text}, name=name)


class ToolsHere:
    """The tools of a case in this process, for files that are the tests' own."""

    def __init__(self, one: ComponentCase) -> None:
        self._answer, self._files = tools.answer(), one.files

    def ask(self, command: Mapping[str, Any]) -> Any:
        """Execute a command on the files of the case. No service is run."""
        if not command["do"].startswith("tool."):
            raise MissingTool(Problem(f"{command['do']} is not here"))
        return self._answer({**command, "files": self._files})


def probe_of(one: ComponentCase) -> ProbeClient:
    """A client whose tools work in the current folder."""
    return ProbeClient(ToolsHere(one))


def judged(one: ComponentCase, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The message of what is found, "" for nothing."""
    monkeypatch.chdir(folder)
    try:
        judges.judge(one, probe_of(one), {}, OWN)
    except Refuted as finding:
        return finding.message
    return ""
