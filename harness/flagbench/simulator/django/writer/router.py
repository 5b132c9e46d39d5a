"""api/urls.py. Styles: classes by their module, imported classes, a loop over pairs."""

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer.calls import call, from_import


def by_module(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Register `views.OrderViewSet`, one call a line."""
    head = _head(plan, project, ["from . import views" if code_style.imports == "relative" else
                                 "from api import views"])  # fmt: skip
    lines = [*head, "", "router = DefaultRouter()"]
    for route in plan.routes:
        lines += call(0, "router.register(", [quoted(route.prefix), f"views.{route.viewset}"])
    return code_style.render([[*lines, "", *_urlpatterns(plan)]])


def by_class(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Register imported view sets with raw strings, and comment the patterns."""
    stem = "." if code_style.imports == "relative" else "api."
    imports = from_import(f"{stem}views", [route.viewset for route in plan.routes])
    lines = [*_head(plan, project, imports), "", "router = DefaultRouter()"]
    for route in plan.routes:
        lines += call(0, "router.register(", [f"r{quoted(route.prefix)}", route.viewset])
    lines += ["", "# The API URLs are determined automatically by the router.", *_urlpatterns(plan)]
    return code_style.render([lines])


def by_loop(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Register a list of routes in a loop."""
    head = _head(plan, project, ["from api import views"])
    lines = [*head, "", "ROUTES = ["]
    for route in plan.routes:
        lines += call(4, "(", [quoted(route.prefix), f"views.{route.viewset}"], "),")
    lines += ["]", "", "router = DefaultRouter()", "for prefix, viewset in ROUTES:",
              "    router.register(prefix, viewset)", "", *_urlpatterns(plan)]  # fmt: skip
    return code_style.render([lines])


def _head(plan: Plan, project: Project, imports: list[str]) -> list[str]:
    words = [f'"""Routes of the {project.name} API."""', ""] if plan.documented else []
    return [
        *words,
        "from django.urls import include, path",
        "from rest_framework.routers import DefaultRouter",
        "",
        *imports,
    ]


def _urlpatterns(plan: Plan) -> list[str]:
    auth = ['    path("auth/", include("api.auth")),'] if plan.includes_auth else []
    return ["urlpatterns = [", *auth, '    path("", include(router.urls)),', "]"]


STYLES = (by_module, by_class, by_loop)
