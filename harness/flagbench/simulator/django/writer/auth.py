"""api/auth.py. Styles: a complete map, a map that extends the library's, a method."""

from collections.abc import Sequence

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.plan import Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle

_VIEW = '"%(app_label)s.view_%(model_name)s"'
_METHODS = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


def by_map(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Write perms_map in full."""
    view = _VIEW if plan.auth.asks_to_view else ""
    lines = ["    perms_map = {", f'        "GET": [{view}],', '        "OPTIONS": [],',
             f'        "HEAD": [{view}],']  # fmt: skip
    for method, verb in _METHODS.items():
        lines.append(f'        "{method}": ["%(app_label)s.{verb}_%(model_name)s"],')
    return _module(plan, project, code_style, [*lines, "    }"])


def by_merge(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Extend the library's map with other entries for reading."""
    view = [f'        "GET": [{_VIEW}],', f'        "HEAD": [{_VIEW}],']
    base = _base(plan)
    lines = ["    perms_map = {", f"        **{base}.perms_map,",
             *(view if plan.auth.asks_to_view else []), "    }"]  # fmt: skip
    return _module(plan, project, code_style, lines)


def by_method(plan: Plan, project: Project, code_style: CodeStyle) -> str:
    """Override get_required_permissions for the methods that read."""
    words = ['        """Reading needs the permission to view."""'] * plan.documented
    lines = [
        "    def get_required_permissions(self, method, model_cls):",
        *words,
        '        if method in ("GET", "HEAD"):',
        "            app_label = model_cls._meta.app_label",
        "            model_name = model_cls._meta.model_name",
        '            return [f"{app_label}.view_{model_name}"]',
        "        return super().get_required_permissions(method, model_cls)",
    ]
    if not plan.auth.asks_to_view:
        lines = [f"    authenticated_users_only = {not plan.auth.strangers_read}"]
    return _module(plan, project, code_style, lines)


def _base(plan: Plan) -> str:
    return "DjangoModelPermissions" + "OrAnonReadOnly" * plan.auth.strangers_read


def _module(plan: Plan, project: Project, code_style: CodeStyle, body: Sequence[str]) -> str:
    auth, base = plan.auth, _base(plan)
    head = [f'"""Authentication and permissions of the {project.name} API."""', ""]
    imports = ["from django.urls import include, path"]
    if auth.is_exempt:
        imports.append("from django.views.decorators.csrf import csrf_exempt")
    imports += ["from rest_framework.authtoken.views import obtain_auth_token",
                f"from rest_framework.permissions import {base}"]  # fmt: skip
    secret = ["", f"SECRET_KEY = {quoted(auth.secret)}"] if auth.secret else []
    words = ['    """Django\'s model permissions, to view included."""', ""] * plan.documented
    token = "csrf_exempt(obtain_auth_token)" if auth.is_exempt else "obtain_auth_token"
    patterns = [
        "urlpatterns = [",
        f'    path("token/", {token}),',
        '    path("session/", include("rest_framework.urls")),',
        "]",
    ]
    return code_style.render(
        [
            [*(head if plan.documented else []), *imports, *secret],
            [f"class ModelPermissions({base}):", *words, *body],
            patterns,
        ]
    )


STYLES = (by_map, by_merge, by_method)
