"""Drafts of a Django file: style, code style and defects are drawn."""

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
    """The text of a first draft, or of another try for which issues name defects."""
    present = present_in(kind, project, draws.within("slips"), multiplier, named)
    plan = planned(kind, project)
    for defect, entity in present:
        plan = defect.strike(plan, project, entity, draws.within(f"{defect.name}/{entity}"))
    style = draws.pick("style", STYLES[kind])
    code = style(plan, project, CodeStyle.draw(draws.within("look")))
    for defect, entity in present:
        code = defect.spoil(code, kind, draws.within(f"{defect.name}/{entity}"))
    return code
