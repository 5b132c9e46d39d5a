"""api/serializers.py. Styles: fields on one line, fields in brackets, relations spelt out."""

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Plan, Serializer
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import assigned, sequence
from flagbench.simulator.django.writer.modules import app_imports, class_prefix, with_article


def by_line(plan: Plan, project: Project, look: CodeStyle) -> str:
    """Fields on one line where they fit."""
    return _module(plan, project, look, spelt=False, room=62, read_only=True)


def by_item(plan: Plan, project: Project, look: CodeStyle) -> str:
    """One field a line."""
    return _module(plan, project, look, spelt=False, room=0, read_only=True)


def by_declaration(plan: Plan, project: Project, look: CodeStyle) -> str:
    """Through relations are declared; nothing needs read_only_fields."""
    return _module(plan, project, look, spelt=True, room=62, read_only=False)


def _module(
    plan: Plan, project: Project, look: CodeStyle, *, spelt: bool, room: int, read_only: bool
) -> str:
    targets = {
        relation.to
        for one in plan.serializers
        for relation in project.entity(one.entity).relations
        if relation.name in one.unlocked
    }
    models = [*(one.entity for one in plan.serializers), *targets]
    head = [f'"""Serializers of the {project.name} project."""', ""] if plan.documented else []
    head += ["from rest_framework import serializers", ""]
    head += app_imports(look, {"models": models})
    blocks = [
        _serializer(plan, one, project, look, spelt=spelt, room=room, read_only=read_only)
        for one in plan.serializers
    ]
    return look.dressed([head, *blocks])


def _serializer(
    plan: Plan, one: Serializer, project: Project, look: CodeStyle, *, spelt: bool, room: int,
    read_only: bool,
) -> list[str]:  # fmt: skip
    prefix = class_prefix(look, "models")
    lines = [f"class {one.entity}Serializer(serializers.ModelSerializer):"]
    if plan.documented:
        lines += [f'    """Turns {with_article(one.entity)} into JSON and back."""', ""]
    declared = list[str]()
    for name in project.entity(one.entity).throughs:
        if one.fields is not None and name not in one.fields:
            continue
        head = f"    {name} = serializers.PrimaryKeyRelatedField("
        if name in one.unlocked:
            target = next(r.to for r in project.entity(one.entity).relations if r.name == name)
            declared += [
                head,
                f"        many=True, queryset={prefix}{target}.objects.all()",
                "    )",
            ]
        elif spelt:
            declared += [head, "        many=True, read_only=True", "    )"]
    lines += [*declared, ""] if declared else []
    lines += ["    class Meta:", f"        model = {prefix}{one.entity}"]
    if one.fields is None:
        lines.append('        fields = "__all__"')
    else:
        lines += assigned(
            8, "fields", sequence([quoted(x) for x in one.fields], look.brackets, room)
        )
    if one.read_only and read_only:
        names = sequence([quoted(x) for x in one.read_only], look.brackets, 50)
        lines += assigned(8, "read_only_fields", names)
    return lines


STYLES = (by_line, by_item, by_declaration)
