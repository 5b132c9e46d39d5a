"""api/models.py. Styles: classes of choices, lists of pairs, an abstract base."""

import re
from collections.abc import Callable, Collection, Sequence

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Member, Model, Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import call, standard_imports
from flagbench.simulator.django.writer.choices import choices_class, pairs_constant, pairs_inline
from flagbench.simulator.django.writer.modules import with_article
from flagbench.simulator.names import snake

_ID = (quoted("id"),)
_FIRST_OPTIONS = ("max_length", "max_digits", "decimal_places")
_Choosing = Callable[[Model, Member, CodeStyle], tuple[list[str], str, str]]
"""Lines before the members, expression for `choices`, expression of the default."""


def by_class(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Classes of choices in the model; targets are names in quotes."""
    taken = {entity.name for entity in project.entities}

    def choosing(model: Model, member: Member, _: CodeStyle) -> tuple[list[str], str, str]:
        return choices_class(model, member, taken)

    blocks = [
        _model(
            plan, model, code_style, choosing=choosing, known=set(), base="models.Model", closing=[]
        )
        for model in plan.models
    ]
    return _module(plan, project, code_style, blocks)


def by_pairs(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Lists of pairs in the model; targets that are defined above have no quotes."""
    blocks, known = list[list[str]](), set[str]()
    for model in plan.models:
        blocks.append(
            _model(
                plan,
                model,
                code_style,
                choosing=pairs_constant,
                known=known,
                base="models.Model",
                closing=[],
            )
        )
        known.add(model.name)
    return _module(plan, project, code_style, blocks)


def by_base(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """An abstract base with the order; choices are pairs in the declaration."""
    name = "BaseModel"
    while any(entity.name == name for entity in project.entities):
        name = f"Abstract{name}"
    words = ['    """What all models have in common."""', ""] if plan.documented else []
    meta = ["    class Meta:", "        abstract = True",
            f"        ordering = {code_style.sequence(_ID)}"]  # fmt: skip
    blocks = [[f"class {name}(models.Model):", *words, *meta]]
    for model in plan.models:
        verbose = [f"        verbose_name = {quoted(snake(model.name).replace('_', ' '))}"]
        closing = [] if model.ordered else ["    class Meta:", *verbose]
        blocks.append(
            _model(plan, model, code_style, choosing=pairs_inline, known=set(), base=name,
                   closing=closing or ["-"])
        )  # fmt: skip
    return _module(plan, project, code_style, blocks)


def _model(
    plan: Plan,
    model: Model,
    code_style: CodeStyle,
    *,
    choosing: _Choosing,
    known: set[str],
    base: str,
    closing: Sequence[str],
) -> list[str]:
    """The class of a model; `closing` is its Meta, "-" for none."""
    body, before = list[str](), list[str]()
    for member in model.members:
        lines, choices, default = choosing(model, member, code_style)
        before += lines
        body += member_lines(member, model.name, known, choices, default)
    meta = list(closing)
    if not meta and model.ordered:
        meta = ["    class Meta:", f"        ordering = {code_style.sequence(_ID)}"]
    words = with_article(model.name)
    parts = [
        [f'    """{words[:1].upper()}{words[1:]}."""'] if plan.documented else [],
        before,
        body,
        [] if meta == ["-"] else meta,
        _shown(model, code_style),
    ]
    lines = "\n\n".join("\n".join(part) for part in parts if part).split("\n")
    return [f"class {model.name}({base}):", *lines]


def class_of(model: Model, code_style: CodeStyle) -> list[str]:
    """The class of one model, with its choices as pairs."""
    plan = Plan("models")
    return _model(
        plan,
        model,
        code_style,
        choosing=pairs_constant,
        known=set(),
        base="models.Model",
        closing=[],
    )


def _shown(model: Model, code_style: CodeStyle) -> list[str]:
    shown = f"self.{model.shown}"
    member = model.member(model.shown) if model.shown else None
    if member is None:
        words = snake(model.name).replace("_", " ").capitalize()
        shown = f'f"{words} {{self.pk}}"'
    arrow = " -> str" if code_style.annotated else ""
    return [f"    def __str__(self){arrow}:", f"        return {shown}"]


def member_lines(
    member: Member, model: str, known: set[str], choices: str, default: str
) -> list[str]:
    """The declaration of a member."""
    first = [f"{k}={v}" for k, v in member.options if k in _FIRST_OPTIONS]
    items = [_target(member, model, known)] if member.target else []
    items += first
    items += [f"choices={choices}"] if choices else []
    items += [f"default={default}"] if default else []
    for name, value in member.options:
        if name not in _FIRST_OPTIONS:
            items.append(f"{name}={option_expression(name, value, known)}")
    return call(4, f"{member.name} = models.{member.type}(", items)


def option_expression(name: str, value: str, known: Collection[str] = ()) -> str:
    """The expression of a keyword: `models.X` for on_delete, strings for names."""
    if name == "on_delete":
        return f"models.{value}"
    if name == "through":
        return value if value in known else quoted(value)
    return quoted(value) if name == "related_name" else value


def _target(member: Member, model: str, known: set[str]) -> str:
    if member.target == model:
        return '"self"'
    return member.target if member.target in known else quoted(member.target)


def _module(plan: Plan, project: Project, code_style: CodeStyle, blocks: list[list[str]]) -> str:
    body = "\n".join(line for block in blocks for line in block)
    head = [f'"""Models of the {project.name} project."""', ""] if plan.documented else []
    standard = standard_imports(body)
    third = ["from django.db import models"]
    if re.search(r"\btimezone\.now\b", body):
        third.append("from django.utils import timezone")
    text = code_style.render([[*head, *standard, *([""] if standard else []), *third], *blocks])
    return _rename_hidden_imports(
        text, {member.name for model in plan.models for member in model.members}
    )


def _rename_hidden_imports(text: str, names: set[str]) -> str:
    """The text with another name for each imported module that a member of a class hides."""
    if "datetime" in names:
        text = re.sub(r"(?<![\w.])datetime\.(?=(?:date|datetime|time)\(|timezone\.)", "dt.", text)
        text = re.sub(r"^import datetime$", "import datetime as dt", text, flags=re.M)
    if "uuid" in names:
        text = text.replace("uuid.UUID(", "UUID(")
        text = re.sub(r"^import uuid$", "from uuid import UUID", text, flags=re.M)
    if "models" in names:
        text = re.sub(r"(?<![\w.])models\.(?=[A-Z])", "db_models.", text)
        text = text.replace("from django.db import models\n",
                            "from django.db import models as db_models\n", 1)  # fmt: skip
    if "timezone" in names:
        text = re.sub(r"(?<![\w.])timezone\.now", "django_timezone.now", text)
        text = re.sub(r"^(from django.utils import timezone)$", r"\1 as django_timezone", text,
                      flags=re.M)  # fmt: skip
    return text


STYLES = (by_class, by_pairs, by_base)
