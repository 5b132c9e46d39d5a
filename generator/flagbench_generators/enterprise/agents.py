"""The six agents with their components, read from `agents.yaml`."""

from dataclasses import replace
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from flagbench_generators.enterprise.catalog import Framework, read_yaml
from flagbench_generators.enterprise.project import Project
from flagbench_generators.kernel.pipeline import Agent

# Files of the tests, which have other names in JavaScript.
_TEST_FILES = {
    "python": {
        "fixtures": "tests/conftest.py", "test_services": "test_services.py",
        "test_api": "test_api.py", "test_load": "test_load.py",
    },
    "node": {
        "fixtures": "tests/helpers.js", "test_services": "services.test.js",
        "test_api": "api.test.js", "test_load": "load.test.js",
    },
}  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Component(_Part):
    """A file that an agent writes; see `agents.yaml`."""

    kind: str
    path: str
    task: str
    sees: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()


class Crew(_Part):
    """An agent of the seed: its role, components and estimate of tokens.

    `batch` is the place of the agent in the order of priority, from 1.
    """

    name: str
    batch: Annotated[int, Field(ge=1)]
    estimated_tokens: int
    role: str
    components: tuple[Component, ...]


@cache  # the file does not change while a process runs
def crews() -> tuple[Crew, ...]:
    """The agents in the order of the seed. Raises `ValueError` for a wrong file."""
    return TypeAdapter(tuple[Crew, ...]).validate_python(read_yaml("agents.yaml"))


@cache  # as above
def components() -> dict[str, Component]:
    """All components by kind."""
    return {component.kind: component for crew in crews() for component in crew.components}


@cache  # as above
def agents() -> tuple[Agent, ...]:
    """An agent of the kernel for each component, with the placeholders of a framework in paths."""
    return tuple(
        Agent(
            kind=component.kind,
            role=crew.role,
            task=component.task,
            path=component.path,
            heading=component.path,
            reads=component.reads,
            owner=crew.name,
        )
        for crew in crews()
        for component in crew.components
    )


def agents_of(project: Project) -> tuple[Agent, ...]:
    """The agents that a project needs, with the paths of its framework."""
    return tuple(
        _named(agent, project.framework) for agent in agents() if _is_needed(agent.kind, project)
    )


def _named(agent: Agent, framework: Framework) -> Agent:
    path = agent.path.format(suffix=framework.suffix, **_TEST_FILES[framework.family])
    return replace(agent, path=path, heading=path)


def _is_needed(kind: str, project: Project) -> bool:
    if kind in ("kubernetes", "scaling"):
        return project.brief.system_design.deployment == "kubernetes"
    if kind in ("compliance", "compliance_document"):
        return bool(project.compliance)
    return True
