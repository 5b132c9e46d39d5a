"""Plans of agents: in waves of independent ones, or one by one."""

from collections.abc import Callable, Sequence
from graphlib import CycleError, TopologicalSorter

from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.request_spec import RequestSpec

# Agents whose files are written in one call; batches that are written one after the other; tracks
# that are written concurrently, wave by wave.
Batch = Sequence[Agent]
Track = Sequence[Batch]
Plan = Sequence[Sequence[Track]]


def each_alone(ordered: Sequence[Sequence[Agent]]) -> Callable[[RequestSpec], Plan]:
    """Make the plan, for any request, in which each agent of a wave is a track of its own."""
    plan = [[[[agent]] for agent in wave] for wave in ordered]
    return lambda _: plan


def waves(agents: Sequence[Agent]) -> list[list[Agent]]:
    """Group agents into waves: each needs only agents of earlier waves.

    Raises `ValueError` for an unknown need or a cycle.
    """
    by_kind = {agent.kind: agent for agent in agents}
    unknown = {need for agent in agents for need in agent.needs} - by_kind.keys()
    if unknown:
        raise ValueError(f"agents need {', '.join(sorted(unknown))}, which no agent makes")
    sorter = TopologicalSorter({agent.kind: agent.needs for agent in agents})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(f"agents need each other in a cycle: {error.args[1]}") from error
    result = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        result.append([agent for agent in agents if agent.kind in ready])
        sorter.done(*ready)
    return result


def one_by_one(agents: Sequence[Agent]) -> list[list[Agent]]:
    """Order agents sequentially, as the pipeline lists them.

    Raises `ValueError` for an agent listed before one that it needs, and for an unknown need.
    """
    waves(agents)
    for place, agent in enumerate(agents):
        missing = set(agent.needs) - {earlier.kind for earlier in agents[:place]}
        if missing:
            raise ValueError(
                f"{agent.kind} is listed before {', '.join(sorted(missing))}, which it needs"
            )
    return [[agent] for agent in agents]
