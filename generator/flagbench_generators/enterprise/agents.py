"""The six agents with their components, read from `agents.yaml`."""

from functools import cache
from pathlib import Path

from pydantic import PositiveInt

from flagbench_generators.enterprise.catalog import Record, read_as
from flagbench_generators.enterprise.project import Project
from flagbench_generators.kernel.pipeline import Agent


class Component(Record):
    """A file that an agent writes; see `agents.yaml`."""

    kind: str
    path: str | dict[str, str]
    task: str
    sees: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()


class Crew(Record):
    """An agent of the seed: its role, components and estimate of tokens.

    `batch` is the place of the agent in the order of priority, from 1.
    """

    name: str
    batch: PositiveInt
    estimated_tokens: int
    role: str
    components: tuple[Component, ...]


@cache  # the file does not change while a process runs
def crews() -> tuple[Crew, ...]:
    """The agents in the order of the seed. Raises `ValueError` for a wrong file."""
    return read_as(tuple[Crew, ...], Path(__file__).with_name("agents.yaml"))


@cache  # as above
def components() -> dict[str, Component]:
    """All components by kind."""
    return {component.kind: component for crew in crews() for component in crew.components}


def agents_of(project: Project | None) -> tuple[Agent, ...]:
    """An agent of the kernel for each component that a project needs; without one, for all."""
    return tuple(
        _agent(crew, component, project)
        for crew in crews()
        for component in crew.components
        if project is None or _is_needed(component.kind, project)
    )


def _agent(crew: Crew, component: Component, project: Project | None) -> Agent:
    path = component.path
    if project:
        named = path if isinstance(path, str) else path[project.framework.family]
        path = named.format(suffix=project.framework.suffix)
    return Agent(
        kind=component.kind,
        role=crew.role,
        task=component.task,
        path=str(path),
        heading=str(path),
        reads=component.reads,
        owner=crew.name,
    )


def _is_needed(kind: str, project: Project) -> bool:
    if kind in ("kubernetes", "scaling"):
        return project.brief.system_design.deployment == "kubernetes"
    if kind in ("compliance", "compliance_document"):
        return bool(project.compliance)
    return True
