"""api/serializers.py. Styles: fields on one line, one field a line, declared relations."""

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Plan, Serializer
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import assigned, sequence
from flagbench.simulator.django.writer.modules import app_imports, class_prefix, with_article


def by_line(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Write the fields on one line where they fit."""
    return _module(plan, project, code_style, spelt=False, room=62, read_only=True)


def by_item(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Write one field a line."""
    return _module(plan, project, code_style, spelt=False, room=0, read_only=True)


def by_declaration(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Declare through relations as read only, without read_only_fields."""
    return _module(plan, project, code_style, spelt=True, room=62, read_only=False)


def _module(
    plan: Plan, project: Project, code_style: CodeStyle, *, spelt: bool, room: int, read_only: bool
) -> str:
    targets = {
        relation.to
        for serializer in plan.serializers
        for relation in project.entity(serializer.entity).relations
        if relation.name in serializer.unlocked
    }
    models = [*(serializer.entity for serializer in plan.serializers), *targets]
    head = [f'"""Serializers of the {project.name} project."""', ""] if plan.documented else []
    head += ["from rest_framework import serializers", ""]
    head += app_imports(code_style, {"models": models})
    blocks = [
        _serializer(
            plan, serializer, project, code_style, spelt=spelt, room=room, read_only=read_only
        )
        for serializer in plan.serializers
    ]
    return code_style.render([head, *blocks])


def _serializer(
    plan: Plan,
    serializer: Serializer,
    project: Project,
    code_style: CodeStyle,
    *,
    spelt: bool,
    room: int,
    read_only: bool,
) -> list[str]:
    prefix = class_prefix(code_style, "models")
    lines = [f"class {serializer.entity}Serializer(serializers.ModelSerializer):"]
    if plan.documented:
        lines += [f'    """Turns {with_article(serializer.entity)} into JSON and back."""', ""]
    declared = list[str]()
    for name in project.entity(serializer.entity).throughs:
        if serializer.fields is not None and name not in serializer.fields:
            continue
        head = f"    {name} = serializers.PrimaryKeyRelatedField("
        if name in serializer.unlocked:
            target = next(
                r.to for r in project.entity(serializer.entity).relations if r.name == name
            )
            declared += [
                head,
                f"        many=True, queryset={prefix}{target}.objects.all()",
                "    )",
            ]
        elif spelt:
            declared += [head, "        many=True, read_only=True", "    )"]
    lines += [*declared, ""] if declared else []
    lines += ["    class Meta:", f"        model = {prefix}{serializer.entity}"]
    if serializer.fields is None:
        lines.append('        fields = "__all__"')
    else:
        lines += assigned(
            8, "fields", sequence([quoted(x) for x in serializer.fields], code_style.brackets, room)
        )
    if serializer.read_only and read_only:
        names = sequence([quoted(x) for x in serializer.read_only], code_style.brackets, 50)
        lines += assigned(8, "read_only_fields", names)
    return lines


STYLES = (by_line, by_item, by_declaration)
