"""What differs in a file of view sets from the ERD."""

import ast
import re
from collections.abc import Iterator

from flagbench.simulator.django.patching.source import Edit, Fault, Source, assignments, last_name
from flagbench.simulator.django.plan import ViewSet
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.views import destroy_lines, queryset_lines, related_calls
from flagbench.simulator.names import plural, snake

_DANGEROUS = re.compile(r"\.(?:raw|extra|cursor)\(|\bRawSQL\(")


def faults(source: Source, project: Project) -> Iterator[Fault]:
    """Every difference; what is written right in another way is none."""
    classes = source.classes()
    before: ast.ClassDef | None = None
    for one in planned("views", project).viewsets:
        node = classes.get(f"{one.entity}ViewSet")
        if node is None:
            after = (before.end_lineno or 0) if before else len(source.lines)
            edit = Edit(after + 1, after, ("", "", *_class(source, one)))
            yield Fault("truncated", one.entity, "", (edit,), True)
            continue
        before = node
        words = plural(snake(one.entity)).replace("_", " ")
        edits = source.docstring_edit(node, f"The API of {words}.")
        if edits:
            yield Fault("no_docstrings", one.entity, "", edits)
        yield from _attributes(source, node, one)
        yield from _dangers(source, node, one)
    if project.protects and "ProtectedError" not in source.code:
        yield Fault("protected_unanswered", "", "", tuple(_protecting(source, project)), True)


def _prefix(source: Source, module: str) -> str:
    return f"{module}." if re.search(rf"\b{module}\.[A-Z]", source.code) else ""


def _permissions(source: Source) -> str:
    tuples = source.code.count("permission_classes = (") > 0
    return f"    permission_classes = {CodeStyle(tuples=tuples).sequence(['ModelPermissions'])}"


def _class(source: Source, one: ViewSet) -> list[str]:
    mixin = "ProtectedDestroyMixin, " * ("class ProtectedDestroyMixin" in source.code)
    base = "BaseViewSet" if "class BaseViewSet(" in source.code else f"{mixin}viewsets.ModelViewSet"
    return [
        f"class {one.entity}ViewSet({base}):",
        f'    """The API of {plural(snake(one.entity)).replace("_", " ")}."""',
        "",
        *_queryset(source, one),
        f"    serializer_class = {_prefix(source, 'serializers')}{one.serializer}",
        *([] if base == "BaseViewSet" else [_permissions(source)]),
    ]


def _queryset(source: Source, one: ViewSet) -> list[str]:
    return queryset_lines(f"{_prefix(source, 'models')}{one.entity}", related_calls(one))


def _attributes(source: Source, node: ast.ClassDef, one: ViewSet) -> Iterator[Fault]:
    present = assignments(node.body)
    end = (node.end_lineno or node.lineno) + 1
    methods = [x for x in node.body if isinstance(x, ast.FunctionDef)]
    if methods:
        end = _first_line(methods[0]) - 1
    inherits = [b.id for b in node.bases if isinstance(b, ast.Name) and b.id in source.classes()]

    def put(name: str, lines: list[str]) -> tuple[Edit, ...]:
        if name in present:
            at = present[name]
            return (Edit(at.lineno, at.end_lineno or at.lineno, tuple(lines)),)
        return (Edit(end, end - 1, tuple(lines)),)

    serializer = present.get("serializer_class")
    name = last_name(source.text(serializer.value)) if serializer else ""
    if name != one.serializer:
        line = f"    serializer_class = {_prefix(source, 'serializers')}{one.serializer}"
        edits = put("serializer_class", [line])
        edits += _renamed_import(source, name, one.serializer)
        yield Fault("wrong_serializer", one.entity, "", edits, serializer is None)
    permissions = present.get("permission_classes")
    if permissions is None:
        above = "\n".join(source.text(source.classes()[base]) for base in inherits)
        if "permission_classes" not in above:
            edits = (*put("permission_classes", [_permissions(source)]), *_importing(source))
            yield Fault("permissions_left_out", one.entity, "", edits, True)
    elif "ModelPermissions" not in re.findall(r"\w+", source.text(permissions.value)):
        edits = (*put("permission_classes", [_permissions(source)]), *_importing(source))
        yield Fault("allow_any", one.entity, "", edits)
    text = source.text(node)
    told = " ".join(re.findall(r"(?:select|prefetch)_related\(([^)]*)\)", text))
    for relation in (*one.select, *one.prefetch):
        if not re.search(rf"[\"']{relation}[\"']", told):
            edits = put("queryset", _queryset(source, one))
            yield Fault("related_left_out", one.entity, relation, edits, True)
            break


def _renamed_import(source: Source, wrong: str, right: str) -> tuple[Edit, ...]:
    """The import of a serializer that does not exist names the right one."""
    if not wrong:
        return ()
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and any(x.name == wrong for x in node.names):
            last = node.end_lineno or node.lineno
            old = "\n".join(source.lines[node.lineno - 1 : last])
            again = any(x.name == right for x in node.names)
            new = re.sub(rf"\b{wrong}\b,? ?" if again else rf"\b{wrong}\b", "" if again else right,
                         old)  # fmt: skip
            kept = [line for line in new.split("\n") if line.strip()]
            return (Edit(node.lineno, last, tuple(kept)),)
    return ()


def _importing(source: Source) -> tuple[Edit, ...]:
    """The import of ModelPermissions, where it is not there."""
    if re.search(r"import .*\bModelPermissions\b", source.code):
        return ()
    return (_import(source, "from api.auth import ModelPermissions"),)


def _import(source: Source, *lines: str) -> Edit:
    imports = [x for x in source.tree.body if isinstance(x, ast.Import | ast.ImportFrom)]
    place = (imports[-1].end_lineno or 0) + 1 if imports else 1
    return Edit(place, place - 1, lines)


def _first_line(node: ast.ClassDef | ast.FunctionDef) -> int:
    """Where a class or a method begins, its decorators included."""
    return min(node.lineno, *(one.lineno for one in node.decorator_list), node.lineno)


def _dangers(source: Source, node: ast.ClassDef, one: ViewSet) -> Iterator[Fault]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and _DANGEROUS.search(source.text(method)):
            first = _first_line(method)
            blank = not source.lines[first - 2].strip()
            edit = Edit(first - blank, method.end_lineno or method.lineno)
            yield Fault("raw_sql", one.entity, "", (edit,))
    for decorator in node.decorator_list:
        if "csrf_exempt" in source.text(decorator):
            edit = Edit(decorator.lineno, decorator.end_lineno or decorator.lineno)
            yield Fault("csrf_exempt", one.entity, "", (edit,))


def _protecting(source: Source, project: Project) -> Iterator[Edit]:
    """The mixin before the first class, named as a base by every view set; or a method of the
    base class that they share."""
    classes = source.classes()
    viewsets = [f"{one.name}ViewSet" for one in project.entities]
    bases = [
        node for name, node in classes.items()
        if name not in viewsets and "ModelViewSet" in " ".join(map(source.text, node.bases))
    ]  # fmt: skip
    missing = ["from django.db.models import ProtectedError"]
    if not re.search(r"import .*\bstatus\b", source.code):
        missing.append("from rest_framework import status")
    if not re.search(r"import .*\bResponse\b", source.code):
        missing.append("from rest_framework.response import Response")
    yield _import(source, *missing)
    if bases:
        end = (bases[0].end_lineno or 0) + 1
        yield Edit(end, end - 1, ("", *destroy_lines()))
        return
    nodes = [classes[name] for name in viewsets if name in classes]
    for node in nodes:
        line = source.lines[node.lineno - 1]
        yield Edit(node.lineno, node.lineno, (line.replace("(", "(ProtectedDestroyMixin, ", 1),))
    if nodes:
        first = min(_first_line(node) for node in nodes)
        words = '    """Turns the error of a protected row into an answer."""'
        lines = ("class ProtectedDestroyMixin:", words, "", *destroy_lines(), "", "")
        yield Edit(first, first - 1, lines)
