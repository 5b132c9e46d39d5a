"""A file of a Django backend as the model writes it: style, look and slips are drawn."""

from collections.abc import Collection

from flagbench.simulator.django.defects import Named, present_in
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.rng import Rng


def draft(
    kind: str,
    project: Project,
    draws: Rng,
    multiplier: float,
    named: Collection[Named] = (),
) -> str:
    """The text of a first draft, or of another try at which issues name slips."""
    present = present_in(kind, project, draws.within("slips"), multiplier, named)
    plan = planned(kind, project)
    for slip, entity in present:
        plan = slip.strike(plan, project, entity, draws.within(f"{slip.name}/{entity}"))
    style = draws.pick("style", STYLES[kind])
    code = style(plan, project, CodeStyle.drawn(draws.within("look")))
    for slip, entity in present:
        code = slip.spoil(code, kind, draws.within(f"{slip.name}/{entity}"))
    return code
