"""What differs in a file of models from the ERD, member by member."""

import ast
from collections.abc import Iterator

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.literals import literal
from flagbench.simulator.django.patching.source import (
    Edit,
    Fault,
    Source,
    assignments,
    inner_class,
    last_name,
)
from flagbench.simulator.django.plan import Member, Model
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import sequence
from flagbench.simulator.django.writer.choices import choices_name, pairs
from flagbench.simulator.django.writer.models import class_of, member_lines, option_expression
from flagbench.simulator.django.writer.modules import with_article
from flagbench.simulator.names import camel


def faults(source: Source, project: Project) -> Iterator[Fault]:
    """Every difference; what is written right in another way is none."""
    plan = planned("models", project)
    classes = source.classes()
    for model in plan.models:
        node = classes.get(model.name)
        if node is None:
            yield _missing_class(source, plan.models, model)
            continue
        yield from _members(source, node, model)
        yield from _frame(source, node, model)


def _missing_class(source: Source, models: tuple[Model, ...], model: Model) -> Fault:
    """The whole class, behind the one that comes before it in the ERD."""
    classes = source.classes()
    before = [classes[x.name] for x in models[: models.index(model)] if x.name in classes]
    place = (before[-1].end_lineno or 0) + 1 if before else len(source.lines) + 1
    lines = class_of(model, CodeStyle())
    return Fault("truncated", model.name, "", (Edit(place, place - 1, ("", "", *lines)),), True)


def _members(source: Source, node: ast.ClassDef, model: Model) -> Iterator[Fault]:
    present = assignments(node.body)
    after = source.end_of_docstring(node)
    for member in model.members:
        statement = present.get(member.name)
        if statement is None:
            lines = member_lines(member, model.name, set(), _choices(node, member, None),
                                 member.default)  # fmt: skip
            edit = Edit(after + 1, after, tuple(lines))
            yield Fault("field_left_out", model.name, member.name, (edit,), True)
            continue
        after = statement.end_lineno or statement.lineno
        for slip, edits in _differences(source, node, model, member, statement):
            if edits:
                yield Fault(slip, model.name, member.name, edits)


def _differences(
    source: Source, node: ast.ClassDef, model: Model, member: Member, statement: ast.Assign
) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    value = statement.value
    kind = last_name(source.text(value.func)) if isinstance(value, ast.Call) else ""
    if not isinstance(value, ast.Call) or kind not in {member.type, f"Big{member.type}"}:
        lines = member_lines(member, model.name, set(), _choices(node, member, None),
                             member.default)  # fmt: skip
        yield "", (Edit(statement.lineno, statement.end_lineno or 0, tuple(lines)),)
        return
    has = {one.arg or "": source.text(one.value) for one in value.keywords}

    def setting(*changes: tuple[str, str]) -> tuple[Edit, ...]:
        return source.rewritten(statement, changes)

    if member.target:
        yield from _relation(source, member, statement, has, model.name)
    nullable = [("null", "True"), ("blank", "True")]
    wanted = [one for one in nullable if member.option(one[0]) and has.get(one[0]) != "True"]
    unwanted = [("null", "")] if has.get("null") == "True" and not member.option("null") else []
    if wanted or unwanted:
        is_cleared = "SET_NULL" in has.get("on_delete", "") and "null" not in has
        slip = "set_null_without_null" if is_cleared else "null_forgotten"
        yield slip, setting(*wanted, *unwanted)
    for name, slip in (("max_length", "wrong_max_length"), ("unique", "unique_forgotten")):
        right = member.option(name)
        if right and has.get(name) != right:
            yield slip, setting((name, right))
    if member.choices and "choices" not in has:
        yield "choices_forgotten", setting(("choices", _choices(node, member, source)))
    now = "now(" in has.get("default", "") or "today(" in has.get("default", "")
    if now:
        yield "default_at_import", setting(("default", member.default))
    elif member.default and "default" not in has:
        yield "default_forgotten", setting(("default", member.default))


def _relation(
    source: Source, member: Member, statement: ast.Assign, has: dict[str, str], model: str
) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    for name, slip in (("on_delete", "wrong_on_delete"), ("related_name", "reverse_clash"),
                       ("through", "through_forgotten"), ("symmetrical", "")):  # fmt: skip
        right = member.option(name)
        wrong = bool(right) and (
            name not in has or (name in {"on_delete", "through"} and last_name(has[name]) != right)
        )
        if wrong:
            expression = option_expression(name, right)
            yield slip, source.rewritten(statement, [(name, expression)])
    call = statement.value
    first = call.args[0] if isinstance(call, ast.Call) and call.args else None
    target = last_name(source.text(first) if first else has.get("to", ""))
    if target not in {member.target, "self" if member.target == model else member.target}:
        yield "unknown_target", source.rewritten(statement, [], quoted(member.target))


def _choices(node: ast.ClassDef, member: Member, source: Source | None) -> str:
    """What is there already for the choices of a member, else the pairs in place."""
    if not member.choices:
        return ""
    name = camel(member.name)
    for one in (name, f"{name}Choices", f"{name}Choice"):
        if inner_class(node, one):
            return f"{one}.choices"
    known = {**assignments(node.body), **(assignments(source.tree.body) if source else {})}
    if choices_name(member.name) in known:
        return choices_name(member.name)
    return sequence(pairs(member.choices), ("[", "]"), 40)


def _frame(source: Source, node: ast.ClassDef, model: Model) -> Iterator[Fault]:
    """The docstring, the order and `__str__`."""
    words = with_article(model.name)
    edits = source.docstring_edit(node, f"{words[:1].upper()}{words[1:]}.")
    if edits:
        yield Fault("no_docstrings", model.name, "", edits)
    own_base = any(isinstance(b, ast.Name) and b.id in source.classes() for b in node.bases)
    meta = inner_class(node, "Meta")
    end = node.end_lineno or node.lineno
    order = f"ordering = {CodeStyle().sequence([literal('id')])}"
    if meta is not None and "ordering" not in assignments(meta.body):
        place = meta.lineno + 1
        if not (own_base and "Meta" in [last_name(source.text(base)) for base in meta.bases]):
            edit = Edit(place, place - 1, (f"        {order}",))
            yield Fault("order_forgotten", model.name, "", (edit,), True)
    elif meta is None and not own_base:
        methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        place = methods[0].lineno if methods else end + 1
        lines = ["    class Meta:", f"        {order}"]
        lines = [*lines, ""] if methods else ["", *lines]
        yield Fault(
            "order_forgotten", model.name, "", (Edit(place, place - 1, tuple(lines)),), True
        )
    shown = any(isinstance(one, ast.FunctionDef) and one.name == "__str__" for one in node.body)
    if not shown and not own_base:
        lines = class_of(model, CodeStyle())
        start = next(n for n, line in enumerate(lines) if "__str__" in line)
        edit = Edit(end + 1, end, ("", *lines[start:]))
        yield Fault("__str__", model.name, "", (edit,), True)
