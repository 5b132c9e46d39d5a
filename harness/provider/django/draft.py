"""A file of a Django backend as the model writes it: style, look and slips are drawn."""

from collections.abc import Collection

from harness.provider.django.look import Look
from harness.provider.django.planning import planned
from harness.provider.django.project import Project
from harness.provider.django.slips import Named, present_in
from harness.provider.django.writing import STYLES
from harness.provider.draws import Draws


def draft(
    kind: str,
    project: Project,
    draws: Draws,
    multiplier: float,
    named: Collection[Named] = (),
) -> str:
    """The text of a first draft, or of another try at which issues name slips."""
    present = present_in(kind, project, draws.within("slips"), multiplier, named)
    plan = planned(kind, project)
    for slip, entity in present:
        plan = slip.strike(plan, project, entity, draws.within(f"{slip.name}/{entity}"))
    style = draws.pick("style", STYLES[kind])
    code = style(plan, project, Look.drawn(draws.within("look")))
    for slip, entity in present:
        code = slip.spoil(code, kind, draws.within(f"{slip.name}/{entity}"))
    return code
