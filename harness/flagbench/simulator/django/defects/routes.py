"""Defects in the routes and in the permissions."""

import re
from dataclasses import replace

from flagbench.simulator.django.defects.defect import ASSUMPTION, Defect
from flagbench.simulator.django.plan import Plan, Route
from flagbench.simulator.django.specification import Project
from flagbench.simulator.names import plural
from flagbench.simulator.rng import Rng

_SECRETS = ("django-insecure-change-me", "supersecretkey123", "my-secret-api-key")


def _unregister(plan: Plan, _: Project, entity: str, __: Rng) -> Plan:
    if len(plan.routes) < 2:
        return plan
    routes = tuple(route for route in plan.routes if route.viewset != f"{entity}ViewSet")
    return replace(plan, routes=routes)


def _misspell(plan: Plan, project: Project, entity: str, draws: Rng) -> Plan:
    module = project.entity(entity).module
    right = project.entity(entity).route
    wrong = [x for x in (plural(module), module, right.replace("-", "")) if x != right]
    prefix = draws.pick("prefix", wrong)
    return replace(plan, routes=tuple(
        Route(prefix, route.viewset) if route.viewset == f"{entity}ViewSet" else route
        for route in plan.routes
    ))  # fmt: skip


def _keep_secret(plan: Plan, _: Project, __: str, draws: Rng) -> Plan:
    return replace(plan, auth=replace(plan.auth, secret=draws.pick("secret", _SECRETS)))


NOT_REGISTERED = Defect(
    name="not_registered",
    rates={"router": 0.006},
    per="entity",
    source=ASSUMPTION,
    words=re.compile(r"not registered|\bregister|\bmissing|left out"),
    strike=_unregister,
)
WRONG_PREFIX = Defect(
    name="wrong_prefix",
    rates={"router": 0.015},
    per="entity",
    source=ASSUMPTION,
    words=re.compile(r"prefix|\broute\b|\bpath\b|address|kebab|plural|hyphen"),
    strike=_misspell,
)
AUTH_LEFT_OUT = Defect(
    name="auth_left_out",
    rates={"router": 0.04},
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"\bapi\.auth\b|\bauth/|\bauth\b|token"),
    strike=lambda plan, *_: replace(plan, includes_auth=False),
)
STRANGERS_READ = Defect(
    name="strangers_read",
    rates={"auth": 0.04},
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"anonymous|anonreadonly|stranger|who they are|without an account|\b401\b"),
    strike=lambda plan, *_: replace(
        plan, auth=replace(plan.auth, strangers_read=True, asks_to_view=False)
    ),
)
VIEW_NOT_ASKED = Defect(
    name="view_not_asked",
    rates={"auth": 0.08},
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"\bview_|\bto view\b|view permission|\bget\b|\bread|\b403\b"),
    strike=lambda plan, *_: replace(plan, auth=replace(plan.auth, asks_to_view=False)),
)
HARD_CODED_SECRET = Defect(
    name="hard_coded_secret",
    rates={"auth": 0.02},
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"secret|hard.?coded|password|b105|b106"),
    strike=_keep_secret,
)
TOKEN_EXEMPT = Defect(
    name="token_exempt",
    rates={"auth": 0.02},
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"csrf"),
    strike=lambda plan, *_: replace(plan, auth=replace(plan.auth, is_exempt=True)),
)
ROUTE_DEFECTS = (NOT_REGISTERED, AUTH_LEFT_OUT, WRONG_PREFIX)
AUTH_DEFECTS = (TOKEN_EXEMPT, HARD_CODED_SECRET, STRANGERS_READ, VIEW_NOT_ASKED)
