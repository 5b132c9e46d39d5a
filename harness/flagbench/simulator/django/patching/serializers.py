"""What differs in a file of serializers from the ERD."""

import ast
from collections.abc import Iterator, Sequence

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.patching.source import (
    Edit,
    Fault,
    Source,
    assignments,
    inner_class,
    last_name,
)
from flagbench.simulator.django.plan import Serializer
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Entity, Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import assigned, sequence
from flagbench.simulator.django.writer.modules import with_article


def faults(source: Source, project: Project) -> Iterator[Fault]:
    """Every difference; what is written right in another way is none."""
    classes = source.classes()
    before = ""
    for one in planned("serializers", project).serializers:
        node = classes.get(f"{one.entity}Serializer")
        meta = inner_class(node, "Meta") if node else None
        if node is None or meta is None:
            yield _whole(source, one, classes, before, node)
            continue
        before = node.name
        edits = source.docstring_edit(node, f"Turns {with_article(one.entity)} into JSON and back.")
        if edits:
            yield Fault("no_docstrings", one.entity, "", edits)
        yield from _fields(source, meta, one)
        yield from _read_only(source, node, meta, one, project.entity(one.entity))


def _prefix(source: Source) -> str:
    return "models." if "models." in source.code else ""


def _whole(
    source: Source,
    one: Serializer,
    classes: dict[str, ast.ClassDef],
    before: str,
    node: ast.ClassDef | None,
) -> Fault:
    """The class written (again), behind the one that comes before it."""
    lines = [
        f"class {one.entity}Serializer(serializers.ModelSerializer):",
        f'    """Turns {with_article(one.entity)} into JSON and back."""',
        "",
        "    class Meta:",
        f"        model = {_prefix(source)}{one.entity}",
        *_list(source, "fields", one.fields or ()),
        *(_list(source, "read_only_fields", one.read_only) if one.read_only else []),
    ]
    if node is not None:
        edit = Edit(node.lineno, _with_comments(source, node), tuple(lines))
    else:
        after = classes[before].end_lineno or 0 if before else len(source.lines)
        edit = Edit(after + 1, after, ("", "", *lines))
    return Fault("truncated", one.entity, "", (edit,), True)


def _with_comments(source: Source, node: ast.ClassDef) -> int:
    """The last line of a class, comments in its body included."""
    end = node.end_lineno or node.lineno
    while end < len(source.lines) and source.lines[end].startswith("    #"):
        end += 1
    return end


def _list(source: Source, name: str, names: Sequence[str]) -> list[str]:
    """An assignment in Meta, in the brackets that the file has more of."""
    tuples = source.code.count("fields = (") > source.code.count("fields = [")
    brackets = CodeStyle(tuples=tuples).brackets
    return assigned(8, name, sequence([quoted(x) for x in names], brackets, 60))


def _names(node: ast.expr) -> list[str] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    return [str(one.value) for one in node.elts if isinstance(one, ast.Constant)]


def _fields(source: Source, meta: ast.ClassDef, one: Serializer) -> Iterator[Fault]:
    right = list(one.fields or ())
    present = assignments(meta.body)
    statement = present.get("fields") or present.get("exclude")
    if statement is None:
        place = (meta.end_lineno or meta.lineno) + 1
        edit = Edit(place, place - 1, tuple(_list(source, "fields", right)))
        yield Fault("name_left_out", one.entity, "", (edit,), True)
        return

    def having(names: Sequence[str]) -> tuple[Edit, ...]:
        last = statement.end_lineno or statement.lineno
        return (Edit(statement.lineno, last, tuple(_list(source, "fields", names))),)

    names = _names(statement.value)
    if names is None or "fields" not in present:
        yield Fault("all_fields", one.entity, "", having(right))
        return
    unknown = [name for name in names if name not in right]
    for name in right:
        if name not in names:
            kept = [x for x in right if x in names or x == name]
            yield Fault("name_left_out", one.entity, name, having([*kept, *unknown]), True)
    for name in unknown:
        yield Fault("unknown_field", one.entity, name, having([x for x in names if x != name]))
    model = present.get("model")
    if model is not None and last_name(source.text(model.value)) != one.entity:
        text = f"        model = {_prefix(source)}{one.entity}"
        yield Fault("", one.entity, "", (Edit(model.lineno, model.lineno, (text,)),))


def _read_only(
    source: Source, node: ast.ClassDef, meta: ast.ClassDef, one: Serializer, entity: Entity
) -> Iterator[Fault]:
    declared, present = assignments(node.body), assignments(meta.body)
    statement = present.get("read_only_fields")
    named = (_names(statement.value) if statement else None) or []
    listed = _names(present["fields"].value) if "fields" in present else None
    for name in entity.throughs:
        if listed is not None and name not in listed:
            continue
        if name in declared:
            if "read_only=True" not in source.text(declared[name].value):
                changes = [("queryset", ""), ("read_only", "True")]
                edits = source.rewritten(declared[name], changes)
                yield Fault("read_only_forgotten", one.entity, name, edits)
        elif name not in named:
            lines = _list(source, "read_only_fields", [*named, name])
            place = (meta.end_lineno or meta.lineno) + 1
            first = statement.lineno if statement else place
            last = (statement.end_lineno or first) if statement else place - 1
            edit = Edit(first, last, tuple(lines))
            yield Fault("read_only_forgotten", one.entity, name, (edit,), True)
