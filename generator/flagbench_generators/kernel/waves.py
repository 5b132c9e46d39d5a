"""Agents and what they need become waves: the agents of a wave do not need each other."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from flagbench_generators.kernel.pipeline import Agent


def waves(agents: Sequence[Agent]) -> list[list[Agent]]:
    """Waves in order. Raises `ValueError` for an unknown need or a cycle."""
    by_kind = {agent.kind: agent for agent in agents}
    unknown = {need for agent in agents for need in agent.needs} - by_kind.keys()
    if unknown:
        raise ValueError(f"agents need {', '.join(sorted(unknown))}, which no agent makes")
    sorter = TopologicalSorter({agent.kind: agent.needs for agent in agents})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(f"agents need each other in a circle: {error.args[1]}") from error
    planned = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        planned.append([agent for agent in agents if agent.kind in ready])
        sorter.done(*ready)
    return planned


def one_by_one(agents: Sequence[Agent]) -> list[list[Agent]]:
    """The order of one engineer after the other: as the pipeline lists them.

    Raises `ValueError` where an agent stands before one that it needs, or needs an unknown one.
    """
    waves(agents)
    for place, agent in enumerate(agents):
        late = set(agent.needs) - {one.kind for one in agents[:place]}
        if late:
            raise ValueError(
                f"{agent.kind} stands before {', '.join(sorted(late))}, which it needs"
            )
    return [[agent] for agent in agents]
