"""api/views.py. Styles: attributes, get_queryset, a base class for what view sets share."""

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Plan, ViewSet
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import WIDTH, from_import
from flagbench.simulator.django.writer.modules import app_imports, class_prefix
from flagbench.simulator.names import plural, snake

_MIXIN = "ProtectedDestroyMixin"


def by_attribute(plan: Plan, project: Project, look: CodeStyle) -> str:
    """Everything as attributes of the class."""
    return _module(plan, project, look, base="", method=False)


def by_method(plan: Plan, project: Project, look: CodeStyle) -> str:
    """The plain queryset as an attribute, related rows in get_queryset."""
    return _module(plan, project, look, base="", method=True)


def by_base(plan: Plan, project: Project, look: CodeStyle) -> str:
    """A base class asks for permissions; each view set adds its own."""
    return _module(plan, project, look, base="BaseViewSet", method=False)


def _module(plan: Plan, project: Project, look: CodeStyle, *, base: str, method: bool) -> str:
    head = [f'"""View sets of the {project.name} API."""', ""] if plan.documented else []
    parent = base or "viewsets.ModelViewSet"
    parents = f"{_MIXIN}, {parent}" if plan.answers_protected and not base else parent
    blocks = _shared(plan, base)
    permissions = "ModelPermissions" if base else ""
    for one in plan.viewsets:
        blocks.append(_viewset(plan, one, look, parents, permissions, method=method))
    body = "\n".join(line for block in blocks for line in block)
    return look.dressed([[*head, *_imports(plan, look, body)], *blocks])


def _imports(plan: Plan, look: CodeStyle, body: str) -> list[str]:
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
    models = {one.entity for one in plan.viewsets} | {one.searches_in for one in plan.viewsets}
    serializers = {one.serializer for one in plan.viewsets}
    own = app_imports(look, {"models": models - {""}, "serializers": serializers})
    stem = "." if look.imports == "relative" else "api."
    auth = from_import(f"{stem}auth", ["ModelPermissions"]) if "ModelPermissions" in body else []
    if look.imports != "module":
        own = [*auth, *own]
    else:
        own += auth
    return [*third, "", *own]


def destroy_lines(*, documented: bool = True) -> list[str]:
    """The method that answers 409 for a protected row."""
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
    plan: Plan, one: ViewSet, look: CodeStyle, parents: str, permissions: str, *, method: bool
) -> list[str]:
    model = f"{class_prefix(look, 'models')}{one.entity}"
    serializer = f"{class_prefix(look, 'serializers')}{one.serializer}"
    related = related_calls(one)
    lines = ['@method_decorator(csrf_exempt, name="dispatch")'] if one.is_exempt else []
    lines.append(f"class {one.entity}ViewSet({parents}):")
    if plan.documented:
        words = plural(snake(one.entity)).replace("_", " ")
        lines += [f'    """The API of {words}."""', ""]
    lines += queryset_lines(model, [] if method else related)
    lines.append(f"    serializer_class = {serializer}")
    if one.permissions and one.permissions != permissions:
        lines.append(f"    permission_classes = {look.sequence([one.permissions])}")
    if related and method:
        lines += ["", "    def get_queryset(self):"]
        lines += ['        """Read related rows in one go."""'] * plan.documented
        lines += _chained("return ", 8, "super().get_queryset()", related)
    return [*lines, *(_search(plan, one, model) if one.searches_in else [])]


def related_calls(one: ViewSet) -> list[str]:
    """The calls that a queryset needs to read related rows in one go."""
    calls = []
    for name, names in (("select_related", one.select), ("prefetch_related", one.prefetch)):
        if names:
            calls.append(f".{name}({', '.join(quoted(x) for x in names)})")
    return calls


def queryset_lines(model: str, calls: list[str]) -> list[str]:
    """The attribute of a view set."""
    if not calls:
        return [f"    queryset = {model}.objects.all()"]
    return _chained("queryset = ", 4, f"{model}.objects", calls)


def _chained(head: str, indent: int, start: str, calls: list[str]) -> list[str]:
    """`head` + start + calls on one line, else a link a line, as people write querysets."""
    space = " " * indent
    one = f"{space}{head}{start}{''.join(calls)}"
    if len(one) <= WIDTH:
        return [one]
    inner = [f"{space}    {line}" for line in [start, *calls]]
    return [f"{space}{head}(", *inner, f"{space})"]


def _search(plan: Plan, one: ViewSet, model: str) -> list[str]:
    """A search that nobody asked for, with SQL of its own."""
    table = f"api_{one.entity.lower()}"
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
