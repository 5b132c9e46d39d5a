"""The slips of a Django backend: a registry with rates, and how an issue names one."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from flagbench.simulator.crud.defects import FIXED
from flagbench.simulator.django.defects.defect import Defect
from flagbench.simulator.django.defects.fields import FIELD_SLIPS
from flagbench.simulator.django.defects.relations import RELATION_SLIPS
from flagbench.simulator.django.defects.routes import AUTH_SLIPS, ROUTE_SLIPS
from flagbench.simulator.django.defects.serializers import SERIALIZER_SLIPS
from flagbench.simulator.django.defects.text import FIRST_NAMED, NO_DOCSTRINGS, SPOILING
from flagbench.simulator.django.defects.views import VIEW_SLIPS
from flagbench.simulator.django.specification import Project
from flagbench.simulator.rng import Rng

__all__ = ["FIXED", "SLIPS", "Defect", "Named", "named_in", "names_in", "present_in"]

_PLANNED = (
    *RELATION_SLIPS, *FIELD_SLIPS, *SERIALIZER_SLIPS, *VIEW_SLIPS, *ROUTE_SLIPS, *AUTH_SLIPS,
)  # fmt: skip
SLIPS: tuple[Defect, ...] = (NO_DOCSTRINGS, *_PLANNED, *SPOILING)
"""In the order in which they strike."""


@dataclass(frozen=True, slots=True)
class Named:
    """What an issue is about: a slip ("" where its words name none), entities, members."""

    slip: str
    entities: tuple[str, ...]
    members: tuple[str, ...]


def named_in(issue: str, kind: str, project: Project) -> Named:
    """Read an issue in anyone's words."""
    low = re.sub(r"^(?:\S+:\d+:?(?:\d+:?)?|(?:line|linha)\s+\d+\s*:?)", "", issue.strip().lower())
    order = (*FIRST_NAMED, *_PLANNED)
    slip = next((one.name for one in order if kind in one.rates and one.words.search(low)), "")
    entities, members = names_in(issue, project)
    return Named(slip, entities, members)


def names_in(issue: str, project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Entities and members that an issue mentions: `Order.status`, OrderViewSet, order-lines."""
    entities, members = [], []
    for one in project.entities:
        route = "" if one.route == one.module else rf"|\b{re.escape(one.route)}\b"
        if re.search(rf"\b{one.name}(?:(?:Model)?Serializer|ViewSet)?\b{route}", issue):
            entities.append(one.name)
            members += [n for n in one.names if re.search(rf"(?<![\w]){re.escape(n)}\b", issue)]
    return tuple(entities), tuple(dict.fromkeys(members))


def present_in(
    kind: str, project: Project, draws: Rng, multiplier: float, named: Collection[Named] = ()
) -> tuple[tuple[Defect, str], ...]:
    """The slips that a draft has, each with its entity ("" for the whole file).

    One that the prompt names stays with probability 1 - FIXED, whatever its own rate; a slip that
    is named with entities is so at these alone.
    """
    found = []
    for slip in SLIPS:
        if kind not in slip.rates:
            continue
        places = [one.name for one in project.entities] if slip.per == "entity" else [""]
        for place in places:
            is_named = any(
                one.slip == slip.name and (not place or not one.entities or place in one.entities)
                for one in named
            )
            rate = 1.0 - FIXED if is_named else slip.rates[kind]
            stream = f"{slip.name}/{place}" if place else slip.name
            if draws.chance(stream, min(1.0, rate * multiplier)):
                found.append((slip, place))
    return tuple(found)
