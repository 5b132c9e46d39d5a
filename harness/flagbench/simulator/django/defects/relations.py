"""Defects in the relations of a model."""

import re
from collections import defaultdict
from dataclasses import replace

from flagbench.simulator.django.defects.defect import SHARE, Defect
from flagbench.simulator.django.defects.fields import at_member, at_model
from flagbench.simulator.django.plan import Member, Model, Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.names import camel, plural, snake
from flagbench.simulator.rng import Rng


def _other_on_delete(member: Member, _: Rng) -> Member:
    """Replace on_delete by CASCADE, and CASCADE by SET_NULL or PROTECT."""
    careful = "SET_NULL" if member.option("null") else "PROTECT"
    right = member.option("on_delete")
    return member.having("on_delete", "CASCADE" if right != "CASCADE" else careful)


def _clash(model: Model, draws: Rng) -> Model:
    """Drop related_name of relations to the same entity, so that their reverse names clash."""
    leading: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for member in model.members:
        if member.target:
            leading[member.target, member.type == "OneToOneField"].append(member.name)
    groups = [names for names in leading.values() if len(names) > 1]
    for name in draws.pick("group", groups) if groups else ():
        model = model.changed(name, lambda member: member.without("related_name"))
    return model


def _unknown(plan: Plan, project: Project, entity: str, draws: Rng) -> Plan:
    known = {entity.name for entity in project.entities}

    def invent(member: Member, draws: Rng) -> Member:
        names = [camel(plural(snake(member.target))), f"{member.target}Model", "User", "Account"]
        return replace(member, target=draws.pick("target", [n for n in names if n not in known]))

    strike = at_member(lambda member: bool(member.target) and member.target != entity, invent)
    return strike(plan, project, entity, draws)


WRONG_ON_DELETE = Defect(
    name="wrong_on_delete",
    rates={"models": 0.008},
    per="entity",
    source=SHARE,
    words=re.compile(r"on_delete|\bcascade|\bprotect|do_nothing"),
    strike=at_member(lambda member: bool(member.option("on_delete")), _other_on_delete),
)
SET_NULL_WITHOUT_NULL = Defect(
    name="set_null_without_null",
    rates={"models": 0.004},
    per="entity",
    source=SHARE,
    words=re.compile(r"set_null|e320|cannot be null"),
    strike=at_member(
        lambda member: member.option("on_delete") == "SET_NULL",
        lambda member, _: member.without("null", "blank"),
    ),
)
REVERSE_CLASH = Defect(
    name="reverse_clash",
    rates={"models": 0.006},
    per="entity",
    source=SHARE,
    words=re.compile(r"related_name|reverse|clash|e30[2-6]\b"),
    strike=at_model(_clash),
)
THROUGH_FORGOTTEN = Defect(
    name="through_forgotten",
    rates={"models": 0.004},
    per="entity",
    source=SHARE,
    words=re.compile(r"\bthrough\b"),
    strike=at_member(
        lambda member: bool(member.option("through")), lambda member, _: member.without("through")
    ),
)
UNKNOWN_TARGET = Defect(
    name="unknown_target",
    rates={"models": 0.003},
    per="entity",
    source=SHARE,
    words=re.compile(
        r"e300|e307|e331|not installed|lazy reference|must lead to|is abstract|"
        r"(?:model|entity)\b.*(?:does not exist|unknown)|no (?:such )?(?:model|entity)"
    ),
    strike=_unknown,
)
RELATION_DEFECTS = (
    SET_NULL_WITHOUT_NULL, REVERSE_CLASH, THROUGH_FORGOTTEN, UNKNOWN_TARGET, WRONG_ON_DELETE,
)  # fmt: skip
