"""Defects in view sets."""

import re
from collections.abc import Callable
from dataclasses import replace

from flagbench.simulator.django.defects.defect import ASSUMPTION, SHARE, Defect, Strike
from flagbench.simulator.django.plan import Plan, ViewSet
from flagbench.simulator.django.specification import Project
from flagbench.simulator.names import camel, plural, snake
from flagbench.simulator.rng import Rng


def _at(change: Callable[[ViewSet, Rng], ViewSet]) -> Strike:
    def strike(plan: Plan, _: Project, entity: str, draws: Rng) -> Plan:
        changed = (change(x, draws) if x.entity == entity else x for x in plan.viewsets)
        return replace(plan, viewsets=tuple(changed))

    return strike


def _misname(viewset: ViewSet, draws: Rng) -> ViewSet:
    names = [f"{viewset.entity}ModelSerializer", f"{viewset.entity}DetailSerializer",
             f"{camel(plural(snake(viewset.entity)))}Serializer"]  # fmt: skip
    return replace(viewset, serializer=draws.pick("name", names))


WRONG_SERIALIZER = Defect(
    name="wrong_serializer",
    rates={"views": 0.01},
    per="entity",
    source=SHARE,
    words=re.compile(r"serializer"),
    strike=_at(_misname),
)
PERMISSIONS_LEFT_OUT = Defect(
    name="permissions_left_out",
    rates={"views": 0.006},
    per="entity",
    source=SHARE,
    words=re.compile(r"permission"),
    strike=_at(lambda viewset, _: replace(viewset, permissions="")),
)
ALLOW_ANY = Defect(
    name="allow_any",
    rates={"views": 0.004},
    per="entity",
    source=SHARE,
    words=re.compile(r"allowany|anybody|anyone|without permission|open to|\b401\b"),
    strike=_at(lambda viewset, _: replace(viewset, permissions="AllowAny")),
)
RELATED_LEFT_OUT = Defect(
    name="related_left_out",
    rates={"views": 0.04},
    per="entity",
    source=ASSUMPTION,
    words=re.compile(r"select_related|prefetch_related|related|n ?\+ ?1|\bqueries\b|queryset"),
    strike=_at(lambda viewset, _: replace(viewset, select=(), prefetch=())),
)
RAW_SQL = Defect(
    name="raw_sql",
    rates={"views": 0.003},
    per="entity",
    source=SHARE,
    words=re.compile(r"\braw\b|\bsql\b|injection|b608|b611|\borm\b"),
    strike=_at(lambda viewset, _: replace(viewset, searches_in=viewset.entity)),
)
CSRF_EXEMPT = Defect(
    name="csrf_exempt",
    rates={"views": 0.002},
    per="entity",
    source=SHARE,
    words=re.compile(r"csrf"),
    strike=_at(lambda viewset, _: replace(viewset, is_exempt=True)),
)
PROTECTED_UNANSWERED = Defect(
    name="protected_unanswered",
    rates={"views": 0.1},
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"protected|\bprotect\b|\b409\b|\b500\b"),
    strike=lambda plan, *_: replace(plan, answers_protected=False),
)
VIEW_DEFECTS = (
    CSRF_EXEMPT, RAW_SQL, PROTECTED_UNANSWERED, RELATED_LEFT_OUT, ALLOW_ANY, PERMISSIONS_LEFT_OUT,
    WRONG_SERIALIZER,
)  # fmt: skip
