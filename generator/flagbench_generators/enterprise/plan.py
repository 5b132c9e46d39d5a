"""The order of work on a brief: agents by priority, components in batches."""

from collections.abc import Callable

from flagbench_generators.enterprise.agents import agents_of, crews
from flagbench_generators.enterprise.flags import CostOptimizationConfig
from flagbench_generators.enterprise.project import project_of
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.waves import Plan, Track


def plan_by(config: CostOptimizationConfig) -> Callable[[RequestSpec], Plan]:
    """Make the plan of a brief; its tracks are agents, its batches have the size of the flags.

    The waves are the seed's: core, then security and DevOps, then the others. Without the priority
    of core components, all agents are in one wave, without each other's files as context.
    """
    size = int(config.batch_size)

    def plan(spec: RequestSpec) -> Plan:
        agents = agents_of(project_of(spec))
        waves: dict[int, list[Track]] = {}
        for crew in crews():
            own = [agent for agent in agents if agent.owner == crew.name]
            wave = crew.batch if config.prioritize_core_components else 1
            batches = [own[start : start + size] for start in range(0, len(own), size)]
            waves.setdefault(wave, []).append(batches)
        return [waves[wave] for wave in sorted(waves)]

    return plan
