"""Defects in serializers."""

import re
from collections.abc import Callable
from dataclasses import replace

from flagbench.simulator.django.defects.defect import SHARE, Defect, Strike
from flagbench.simulator.django.plan import Plan, Serializer
from flagbench.simulator.django.specification import Project
from flagbench.simulator.rng import Rng

_INVENTED = ("created_at", "updated_at", "description", "slug", "is_active", "owner")


def _at(change: Callable[[Serializer, Rng], Serializer]) -> Strike:
    def strike(plan: Plan, _: Project, entity: str, draws: Rng) -> Plan:
        changed = (change(x, draws) if x.entity == entity else x for x in plan.serializers)
        return replace(plan, serializers=tuple(changed))

    return strike


def _invent(serializer: Serializer, draws: Rng) -> Serializer:
    if serializer.fields is None:
        return serializer
    name = draws.pick("name", [name for name in _INVENTED if name not in serializer.fields])
    return replace(serializer, fields=(*serializer.fields, name))


def _drop(serializer: Serializer, draws: Rng) -> Serializer:
    if serializer.fields is None or len(serializer.fields) < 3:
        return serializer
    gone = draws.pick("name", serializer.fields[1:])
    return replace(
        serializer,
        fields=tuple(name for name in serializer.fields if name != gone),
        read_only=tuple(name for name in serializer.read_only if name != gone),
    )


def _unlock(serializer: Serializer, _: Rng) -> Serializer:
    return replace(serializer, read_only=(), unlocked=serializer.read_only)


ALL_FIELDS = Defect(
    name="all_fields",
    rates={"serializers": 0.012},
    per="entity",
    source=SHARE,
    words=re.compile(r"__all__|explicit|all fields|\blist the fields|\bexclude\b"),
    strike=_at(lambda serializer, _: replace(serializer, fields=None)),
)
UNKNOWN_FIELD = Defect(
    name="unknown_field",
    rates={"serializers": 0.007},
    per="entity",
    source=SHARE,
    words=re.compile(
        r"not (?:a )?valid|does not have|has no|no such field|unknown|improperlyconfigured|"
        r"not (?:a field )?(?:of|in) (?:the )?(?:erd|model|entity)|not asked"
    ),
    strike=_at(_invent),
)
READ_ONLY_FORGOTTEN = Defect(
    name="read_only_forgotten",
    rates={"serializers": 0.006},
    per="entity",
    source=SHARE,
    words=re.compile(r"read.?only|\bthrough\b"),
    strike=_at(_unlock),
)
NAME_LEFT_OUT = Defect(
    name="name_left_out",
    rates={"serializers": 0.005},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bmissing|\black|left out|must be in|\bfields\b"),
    strike=_at(_drop),
)
SERIALIZER_DEFECTS = (ALL_FIELDS, READ_ONLY_FORGOTTEN, UNKNOWN_FIELD, NAME_LEFT_OUT)
