"""api/views.py. Styles: attributes, get_queryset, a base class."""

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Plan, ViewSet
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import WIDTH, from_import
from flagbench.simulator.django.writer.modules import app_imports, class_prefix
from flagbench.simulator.names import plural, snake

_MIXIN = "ProtectedDestroyMixin"


def by_attribute(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Write the queryset with its related rows as an attribute."""
    return _module(plan, project, code_style, base="", method=False)


def by_method(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Write a simple queryset as an attribute, and related rows in get_queryset."""
    return _module(plan, project, code_style, base="", method=True)


def by_base(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Write a base class with the permissions; view sets add others."""
    return _module(plan, project, code_style, base="BaseViewSet", method=False)


def _module(plan: Plan, project: Project, code_style: CodeStyle, *, base: str, method: bool) -> str:
    head = [f'"""View sets of the {project.name} API."""', ""] if plan.documented else []
    parent = base or "viewsets.ModelViewSet"
    parents = f"{_MIXIN}, {parent}" if plan.answers_protected and not base else parent
    blocks = _shared(plan, base)
    permissions = "ModelPermissions" if base else ""
    for viewset in plan.viewsets:
        blocks.append(_viewset(plan, viewset, code_style, parents, permissions, method=method))
    body = "\n".join(line for block in blocks for line in block)
    return code_style.render([[*head, *_imports(plan, code_style, body)], *blocks])


def _imports(plan: Plan, code_style: CodeStyle, body: str) -> list[str]:
    third = ["from django.db.models import ProtectedError"] if "ProtectedError" in body else []
    if "@method_decorator" in body:
        third += ["from django.utils.decorators import method_decorator",
                  "from django.views.decorators.csrf import csrf_exempt"]  # fmt: skip
    framework = ["viewsets"] + (["status"] if "status." in body else [])
    third += from_import("rest_framework", framework)
    third += ["from rest_framework.decorators import action"] if "@action" in body else []
    if "AllowAny" in body:
        third.append("from rest_framework.permissions import AllowAny")
    if "Response(" in body:
        third.append("from rest_framework.response import Response")
    models = {viewset.entity for viewset in plan.viewsets} | {
        viewset.searches_in for viewset in plan.viewsets
    }
    serializers = {viewset.serializer for viewset in plan.viewsets}
    own = app_imports(code_style, {"models": models - {""}, "serializers": serializers})
    stem = "." if code_style.imports == "relative" else "api."
    auth = from_import(f"{stem}auth", ["ModelPermissions"]) if "ModelPermissions" in body else []
    if code_style.imports != "module":
        own = [*auth, *own]
    else:
        own += auth
    return [*third, "", *own]


def destroy_lines(*, documented: bool = True) -> list[str]:
    """Lines of the method that answers 409 for a protected row."""
    return [
        "    def destroy(self, request, *args, **kwargs):",
        *(['        """Answer 409 where other rows refer to this one."""'] * documented),
        "        try:",
        "            return super().destroy(request, *args, **kwargs)",
        "        except ProtectedError:",
        "            return Response(",
        '                {"detail": "Other objects refer to this one."},',
        "                status=status.HTTP_409_CONFLICT,",
        "            )",
    ]


def _shared(plan: Plan, base: str) -> list[list[str]]:
    """The mixin that answers 409, the base class, both or neither."""
    destroy = destroy_lines(documented=plan.documented)
    if not base:
        words = ['    """Turns the error of a protected row into an answer."""', ""]
        mixin = [f"class {_MIXIN}:", *(words * plan.documented), *destroy]
        return [mixin] if plan.answers_protected else []
    words = ['    """What all view sets share."""', ""]
    lines = [f"class {base}(viewsets.ModelViewSet):", *(words * plan.documented)]
    lines.append("    permission_classes = [ModelPermissions]")
    return [[*lines, *(["", *destroy] if plan.answers_protected else [])]]


def _viewset(
    plan: Plan,
    viewset: ViewSet,
    code_style: CodeStyle,
    parents: str,
    permissions: str,
    *,
    method: bool,
) -> list[str]:
    model = f"{class_prefix(code_style, 'models')}{viewset.entity}"
    serializer = f"{class_prefix(code_style, 'serializers')}{viewset.serializer}"
    related = related_calls(viewset)
    lines = ['@method_decorator(csrf_exempt, name="dispatch")'] if viewset.is_exempt else []
    lines.append(f"class {viewset.entity}ViewSet({parents}):")
    if plan.documented:
        words = plural(snake(viewset.entity)).replace("_", " ")
        lines += [f'    """The API of {words}."""', ""]
    lines += queryset_lines(model, [] if method else related)
    lines.append(f"    serializer_class = {serializer}")
    if viewset.permissions and viewset.permissions != permissions:
        lines.append(f"    permission_classes = {code_style.sequence([viewset.permissions])}")
    if related and method:
        lines += ["", "    def get_queryset(self):"]
        lines += ['        """Read related rows in one go."""'] * plan.documented
        lines += _chained("return ", 8, "super().get_queryset()", related)
    return [*lines, *(_search(plan, viewset, model) if viewset.searches_in else [])]


def related_calls(viewset: ViewSet) -> list[str]:
    """Calls of select_related and prefetch_related for the relations of a view set."""
    calls = []
    for name, names in (("select_related", viewset.select), ("prefetch_related", viewset.prefetch)):
        if names:
            calls.append(f".{name}({', '.join(quoted(x) for x in names)})")
    return calls


def queryset_lines(model: str, calls: list[str]) -> list[str]:
    """Lines of the attribute `queryset` of a view set."""
    if not calls:
        return [f"    queryset = {model}.objects.all()"]
    return _chained("queryset = ", 4, f"{model}.objects", calls)


def _chained(head: str, indent: int, start: str, calls: list[str]) -> list[str]:
    """`head` + start + calls on one line, else one call a line in brackets."""
    space = " " * indent
    line = f"{space}{head}{start}{''.join(calls)}"
    if len(line) <= WIDTH:
        return [line]
    inner = [f"{space}    {line}" for line in [start, *calls]]
    return [f"{space}{head}(", *inner, f"{space})"]


def _search(plan: Plan, viewset: ViewSet, model: str) -> list[str]:
    """Lines of an action that the specification does not have: a search with raw SQL."""
    table = f"api_{viewset.entity.lower()}"
    return [
        "",
        "    @action(detail=False)",
        "    def search(self, request):",
        *(['        """Search by a part of the id."""'] * plan.documented),
        '        term = request.query_params.get("q", "")',
        f"        rows = {model}.objects.raw(",
        f"            f\"SELECT * FROM {table} WHERE id LIKE '%{{term}}%'\"",  # noqa: S608  what is written is the defect
        "        )",
        "        return Response(self.get_serializer(rows, many=True).data)",
    ]


STYLES = (by_attribute, by_method, by_base)
