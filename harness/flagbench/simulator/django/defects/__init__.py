"""Defects of a Django backend: a registry with rates, and the defects that issues name."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from flagbench.simulator.crud.defects import FIXED
from flagbench.simulator.django.defects.defect import Defect
from flagbench.simulator.django.defects.fields import FIELD_DEFECTS
from flagbench.simulator.django.defects.relations import RELATION_DEFECTS
from flagbench.simulator.django.defects.routes import AUTH_DEFECTS, ROUTE_DEFECTS
from flagbench.simulator.django.defects.serializers import SERIALIZER_DEFECTS
from flagbench.simulator.django.defects.text import MATCHED_FIRST, NO_DOCSTRINGS, TEXT_DEFECTS
from flagbench.simulator.django.defects.views import VIEW_DEFECTS
from flagbench.simulator.django.specification import Project
from flagbench.simulator.rng import Rng

__all__ = ["DEFECTS", "FIXED", "Defect", "Named", "named_in", "names_in", "present_in"]

_PLANNED = (
    *RELATION_DEFECTS,
    *FIELD_DEFECTS,
    *SERIALIZER_DEFECTS,
    *VIEW_DEFECTS,
    *ROUTE_DEFECTS,
    *AUTH_DEFECTS,
)
DEFECTS: tuple[Defect, ...] = (NO_DOCSTRINGS, *_PLANNED, *TEXT_DEFECTS)
"""Defects in the order in which they are applied."""


@dataclass(frozen=True, slots=True)
class Named:
    """Subject of an issue: a defect ("" where its words name none), entities, members."""

    defect: str
    entities: tuple[str, ...]
    members: tuple[str, ...]


def named_in(issue: str, kind: str, project: Project) -> Named:
    """Read an issue in the words of a tool or a person."""
    low = re.sub(r"^(?:\S+:\d+:?(?:\d+:?)?|(?:line|linha)\s+\d+\s*:?)", "", issue.strip().lower())
    order = (*MATCHED_FIRST, *_PLANNED)
    matches = (defect.name for defect in order if kind in defect.rates and defect.words.search(low))
    entities, members = names_in(issue, project)
    return Named(next(matches, ""), entities, members)


def names_in(issue: str, project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Entities and members that an issue mentions: `Order.status`, OrderViewSet, order-lines."""
    entities, members = [], []
    for entity in project.entities:
        route = "" if entity.route == entity.module else rf"|\b{re.escape(entity.route)}\b"
        if re.search(rf"\b{entity.name}(?:(?:Model)?Serializer|ViewSet)?\b{route}", issue):
            entities.append(entity.name)
            members += [n for n in entity.names if re.search(rf"(?<![\w]){re.escape(n)}\b", issue)]
    return tuple(entities), tuple(dict.fromkeys(members))


def present_in(
    kind: str, project: Project, draws: Rng, multiplier: float, named: Collection[Named] = ()
) -> tuple[tuple[Defect, str], ...]:
    """Draw the defects of a draft, each with its entity ("" for the whole file).

    A defect that the prompt names is drawn with probability 1 - FIXED instead of its rate; if it is
    named with entities, this holds for these entities only.
    """
    present = []
    for defect in DEFECTS:
        if kind not in defect.rates:
            continue
        places = [entity.name for entity in project.entities] if defect.per == "entity" else [""]
        for place in places:
            is_named = any(
                issue.defect == defect.name
                and (not place or not issue.entities or place in issue.entities)
                for issue in named
            )
            rate = 1.0 - FIXED if is_named else defect.rates[kind]
            stream = f"{defect.name}/{place}" if place else defect.name
            if draws.chance(stream, min(1.0, rate * multiplier)):
                present.append((defect, place))
    return tuple(present)
