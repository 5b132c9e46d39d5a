"""Defects in the fields of a model: options of the ERD that the class lacks or changes."""

import re
from collections.abc import Callable
from dataclasses import replace

from flagbench.simulator.django.defects.defect import ASSUMPTION, SHARE, Defect, Strike
from flagbench.simulator.django.plan import Member, Model, Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.rng import Rng

_LENGTHS = ("255", "100", "50", "200", "30", "150")


def at_model(change: Callable[[Model, Rng], Model]) -> Strike:
    """Make a strike that changes the model of the entity."""

    def strike(plan: Plan, _: Project, entity: str, draws: Rng) -> Plan:
        changed = (change(m, draws) if m.name == entity else m for m in plan.models)
        return replace(plan, models=tuple(changed))

    return strike


def at_member(fits: Callable[[Member], bool], change: Callable[[Member, Rng], Member]) -> Strike:
    """Make a strike that changes a drawn member of those that fit; none where none fits."""

    def strike(model: Model, draws: Rng) -> Model:
        fitting = [member.name for member in model.members if fits(member)]
        if not fitting:
            return model
        return model.changed(draws.pick("member", fitting), lambda member: change(member, draws))

    return at_model(strike)


def _drop(model: Model, draws: Rng) -> Model:
    if len(model.members) < 2:
        return model
    gone = draws.pick("member", [member.name for member in model.members])
    members = tuple(member for member in model.members if member.name != gone)
    return replace(model, members=members, shown="" if model.shown == gone else model.shown)


def _forget_null(member: Member, draws: Rng) -> Member:
    return member.without(*draws.pick("way", (("null", "blank"), ("blank",), ("null",))))


def _misread_length(member: Member, draws: Rng) -> Member:
    others = [length for length in _LENGTHS if length != member.option("max_length")]
    return member.having("max_length", draws.pick("length", others))


def _call_now(member: Member, _: Rng) -> Member:
    now = "timezone.now()" if member.type == "DateTimeField" else "timezone.now().date()"
    return replace(member, default=now)


FIELD_LEFT_OUT = Defect(
    name="field_left_out",
    rates={"models": 0.006},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bmissing|\black|left out|not declared|no field|does not have"),
    strike=at_model(_drop),
)
NULL_FORGOTTEN = Defect(
    name="null_forgotten",
    rates={"models": 0.007},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bnull|\bblank|optional|may be (?:absent|left out|empty)"),
    strike=at_member(
        lambda member: bool(member.option("null")) and member.option("on_delete") != "SET_NULL",
        _forget_null,
    ),
)
WRONG_MAX_LENGTH = Defect(
    name="wrong_max_length",
    rates={"models": 0.004},
    per="entity",
    source=SHARE,
    words=re.compile(r"max_length|fields\.e009|\blength\b|characters"),
    strike=at_member(lambda member: bool(member.option("max_length")), _misread_length),
)
CHOICES_FORGOTTEN = Defect(
    name="choices_forgotten",
    rates={"models": 0.006},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bchoices?\b|one of "),
    strike=at_member(
        lambda member: bool(member.choices), lambda member, _: replace(member, choices=())
    ),
)
DEFAULT_FORGOTTEN = Defect(
    name="default_forgotten",
    rates={"models": 0.006},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bdefault"),
    strike=at_member(
        lambda member: bool(member.default), lambda member, _: replace(member, default="")
    ),
)
UNIQUE_FORGOTTEN = Defect(
    name="unique_forgotten",
    rates={"models": 0.005},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bunique"),
    strike=at_member(
        lambda member: bool(member.option("unique")), lambda member, _: member.without("unique")
    ),
)
DEFAULT_AT_IMPORT = Defect(
    name="default_at_import",
    rates={"models": 0.004},
    per="entity",
    source=SHARE,
    words=re.compile(r"at import|called once|\bnow\(\)|timezone\.now|w161|fixed default"),
    strike=at_member(lambda member: member.type in {"DateTimeField", "DateField"}, _call_now),
)
ORDER_FORGOTTEN = Defect(
    name="order_forgotten",
    rates={"models": 0.02},
    per="entity",
    source=ASSUMPTION,
    words=re.compile(r"\bordering\b|\border(?:ed)?:|needs an order|unordered"),
    strike=at_model(lambda model, _: replace(model, ordered=False)),
)
FIELD_DEFECTS = (
    DEFAULT_AT_IMPORT, ORDER_FORGOTTEN, WRONG_MAX_LENGTH, CHOICES_FORGOTTEN, UNIQUE_FORGOTTEN,
    DEFAULT_FORGOTTEN, NULL_FORGOTTEN, FIELD_LEFT_OUT,
)  # fmt: skip
